"""Tables that can be imported into the money: ledger entries, and the lines of a statement."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from finance.ledger import import_kind
from finance.ledger.posting import LONGEST, MOST_YEN
from finance.statements import import_kind as statement_import_kind
from iconm_portal.imports.cell_values import Day, Number, Text
from iconm_portal.imports.importing import Spec, register
from iconm_portal.imports.table_reader import Column
from iconm_portal.people.access import Right

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
        checker=import_kind.EntryChecker,
        apply=import_kind.apply,
        describe=import_kind.describe,
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
        checker=statement_import_kind.StatementChecker,
        apply=statement_import_kind.apply,
        describe=statement_import_kind.describe,
        pages="finance:import",
        right=Right.KEEP,
    )
)

SPECS: Final = (ENTRIES, STATEMENT)
