"""Tables that can be imported into the money: ledger entries, and the lines of a statement."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from finance.import_kinds import entries, statement
from finance.posting import LONGEST, MOST_YEN
from iconm_portal.access import Right
from iconm_portal.imports import Spec, register
from iconm_portal.table_values import Day, Number, Text
from iconm_portal.tables_read import Column

_CODE: Final = Column("code", ("科目コード", "Account code", "勘定科目コード", "コード", "Code"), Text(60))
_NAME: Final = Column("name", ("科目名", "Account", "科目", "勘定科目", "Account name"), Text(120))
_AMOUNT: Final = ("金額", "Amount", "決算額", "予算額", "金額合計")

ENTRIES: Final = register(
    Spec(
        kind="finance.entries",
        title=_("Import of ledger entries"),
        columns=(
            Column("date", ("日付", "Date", "年月日", "取引日", "計上日"), Day(), required=True),
            _CODE,
            _NAME,
            Column("amount", _AMOUNT, Number(unit="円", maximum=MOST_YEN), required=True),
            Column(
                "counterparty",
                ("相手方", "Counterparty", "相手先", "取引先", "支払先"),
                Text(LONGEST["counterparty"]),
            ),
            Column(
                "description",
                ("摘要", "Description", "内容", "件名"),
                Text(LONGEST["description"]),
                required=True,
            ),
            Column(
                "voucher",
                ("証憑番号", "Voucher number", "伝票番号", "証憑No.", "Voucher"),
                Text(LONGEST["voucher"]),
            ),
        ),
        one_of=(("code", "name"),),
        checker=entries.EntryChecker,
        apply=entries.apply,
        describe=entries.describe,
        pages="finance:import",
        right=Right.KEEP,
    )
)

STATEMENT: Final = register(
    Spec(
        kind="finance.statement",
        title=_("Import of a statement's amounts"),
        columns=(
            _CODE,
            _NAME,
            Column("amount", _AMOUNT, Number(minimum=-MOST_YEN, maximum=MOST_YEN)),
            Column("note", ("備考", "Note", "摘要"), Text(300)),
        ),
        one_of=(("code", "name"), ("amount",)),
        checker=statement.StatementChecker,
        apply=statement.apply,
        describe=statement.describe,
        pages="finance:import",
        right=Right.KEEP,
    )
)

SPECS: Final = (ENTRIES, STATEMENT)
