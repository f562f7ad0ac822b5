"""The entry page of a statement as one form, and how it is brought up to date when two people work on one draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.balance import totals
from finance.balance.totals import BALANCE, Standing, TotalCheck, TotalKey
from finance.models import Account, RecordedUnit, TotalOf
from finance.statements import checks as finance_statement_checks
from finance.statements import texts as statement_texts
from finance.statements.draft_actions import Content, Entered
from finance.statements.statement_table import TableLine, lines_of
from finance.statements.statements import StatementRow, StatementSheet
from iconm_portal.forms import files
from iconm_portal.forms.edited import EditedForm
from iconm_portal.forms.file_fields import EvidenceField
from iconm_portal.settlement.draft_page import DraftForm, KeysField
from iconm_portal.values.fields import NumberFormField
from iconm_portal.values.money import to_yen


class AmountField(NumberFormField):
    """An amount in the unit of recording, whole; negative only where it is the balance."""

    def __init__(self, unit: RecordedUnit, *, may_be_negative: bool = False, **kwargs: Any) -> None:
        largest = finance_statement_checks.LARGEST // unit.unit.yen
        super().__init__(
            unit=str(unit.label),
            decimals=0,
            minimum=-largest if may_be_negative else 0,
            maximum=largest,
            required=False,
            **kwargs,
        )
        self.recorded = unit

    def clean(self, value: Any) -> int | None:
        """Whole yen; None for a blank."""
        typed: Decimal | None = super().clean(value)
        return None if typed is None else to_yen(typed, self.recorded.unit)


class RowForm(EditedForm):
    """What is typed into a row: an amount and a note, or a total as it was printed. The prefix is the row's field."""

    saved_together = (("amount", "note"),)

    def __init__(self, row: StatementRow, unit: RecordedUnit, *, data: QueryDict | None = None) -> None:
        self.row, self.line_name, self.unit = row, name_of(row), unit
        super().__init__(data, prefix=row.field, initial=_texts_of(row, unit))
        self.fields["amount"] = AmountField(
            unit, may_be_negative=row.key == BALANCE, label=_("Amount") if row.takes_line else _("As printed")
        )
        if row.takes_line:
            self.fields["note"] = forms.CharField(
                label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 1})
            )
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{self.line_name}: {field.label}"

    def in_words(self, name: str, text: str) -> str:
        """An amount with its unit."""
        return f"{text} {self.unit.label}" if text and name == "amount" else text

    def clean(self) -> dict[str, Any]:
        """A note belongs to an amount: what is blank has no row to keep it in."""
        if self.cleaned_data.get("note") and "amount" not in self.errors and self.amount is None:
            self.add_error("note", _("A note belongs to an amount. Enter one, 0 included, or write below."))
        return self.cleaned_data

    @property
    def amount(self) -> int | None:
        """Whole yen; None for a blank and for what cannot be read."""
        amount: int | None = self.cleaned_data.get("amount")
        return amount


class HeadForm(EditedForm):
    """What concerns the whole statement: its note and its files."""

    note = forms.CharField(
        label=gettext_lazy("Note on the statement"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    attach = EvidenceField(label=gettext_lazy("Attach files (signed scan, auditor's letter)"), required=False)
    remove = KeysField(label=gettext_lazy("Remove"), required=False)


class EntryForm(DraftForm):
    """The whole page as one: a form for each row, and one for the statement."""

    head: HeadForm
    lines: Sequence[RowForm]

    def __init__(
        self, sheet: StatementSheet, *, today: date, data: QueryDict | None = None, uploads: Any = None
    ) -> None:
        self.sheet = sheet
        self.is_submitting = data is not None and data.get("step") == "submit"
        head = HeadForm(data, uploads, initial={"note": sheet.statement.note})
        rows = [RowForm(row, sheet.unit, data=data) for row in sheet.rows if has_field(row)]
        super().__init__(data, head, rows, today=today)
        if self.is_submitting:
            self._refuse_what_is_warned_of()

    @property
    def in_order(self) -> Sequence[EditedForm]:
        return [*self.lines, self.head]

    def _refuse_what_is_warned_of(self) -> None:
        """On handing in, a total that nothing explains, or a part above its whole, stands at its field as an error."""
        for row in self.lines:
            for text in self.warnings.get(row.add_prefix("amount"), []):
                row.add_error("amount", text)

    def refuse(self, error: ValidationError) -> None:
        """Add what the action found wrong: at the row that an error's code names, else above the page."""
        rows = {row.row.account.code: row for row in self.lines if row.row.account and row.row.takes_line}
        for one in error.error_list if hasattr(error, "error_list") else [ValidationError(error.messages)]:
            row = rows.get(getattr(one, "code", None) or "")
            form, field = (row, "amount") if row else (self.head, None)
            form.add_error(field, ValidationError(one.messages))

    # -- What was typed --

    def amounts(self) -> dict[int, int]:
        """Yen by account, as typed where it can be read, else as stored."""
        return {
            row.row.account.pk: amount
            for row in self.lines
            if row.row.account and row.row.takes_line and (amount := self._amount(row)) is not None
        }

    def printed(self) -> dict[TotalKey, int]:
        """The totals as printed, in yen."""
        return {
            row.row.key: amount
            for row in self.lines
            if not row.row.takes_line and (amount := self._amount(row)) is not None
        }

    def _amount(self, row: RowForm) -> int | None:
        if (self.data is not None and row.is_valid()) or (
            self.data is not None and "amount" not in row.errors
        ):
            return row.amount
        if row.row.takes_line:
            return row.row.amount
        return row.row.check.printed if row.row.check else None

    def content(self) -> Content:
        """All of it; of a valid form."""
        lines: dict[Account, Entered] = {
            row.row.account: Entered(row.amount, row.cleaned_data["note"])
            for row in self.lines
            if row.row.takes_line and row.row.account and row.amount is not None
        }
        return Content(lines, self.printed(), self.head.cleaned_data["note"])

    def new_files(self) -> list[files.CheckedFile]:
        """The files that were added; of a valid form."""
        added: list[files.CheckedFile] = self.head.cleaned_data["attach"]
        return added

    def removed_files(self) -> set[int]:
        """Keys of the attached files whose removal was asked for, as typed."""
        marked = {str(key) for key in self.head["remove"].value() or []}
        return {one.file_id for one in self.sheet.files if str(one.file_id) in marked}

    # -- What is said about it --

    @cached_property
    def checks(self) -> dict[TotalKey, TotalCheck]:
        """Every total, of what was typed."""
        found = totals.check_all(self.sheet.tree.accounts, self.amounts(), self.printed(), self.sheet.unit)
        return {check.key: check for check in found}

    @cached_property
    def warnings(self) -> dict[str, list[str]]:
        """What does not fit, by field name."""
        unit, unread = self.sheet.unit, self._unread
        found: dict[str, list[str]] = {}
        for row in self.lines:
            check = self.checks.get(row.row.key)
            if check and check.is_wrong and check.key not in unread:
                found[row.add_prefix("amount")] = [statement_texts.wrong_total(check, unit)]
        over = totals.excesses(self.sheet.tree.accounts, self.amounts(), unit)
        for excess in over:
            if unread & {(TotalOf.ACCOUNT, one.pk) for one in (excess.account, *excess.parts)}:
                continue
            for part in excess.parts[:1]:
                found[f"{part.code}-amount"] = [statement_texts.parts_exceed(excess, unit)]
        return found

    @cached_property
    def _unread(self) -> set[TotalKey]:
        """Rows whose amount cannot be read, and every total that it goes into: nothing true can be said of them yet."""
        accounts = {account.pk: account for account in self.sheet.tree.accounts}
        sides = {side: of for of, side in totals.SIDE_OF.items()}
        found: set[TotalKey] = set()
        for row in self.lines:
            if "amount" not in row.errors:
                continue
            found.add(row.row.key)
            above = row.row.account
            if above is not None and above.within_id is not None:
                continue  # a part is counted in its whole, and goes into no total itself
            found |= {(sides[above.side], None), BALANCE} if above else {BALANCE}
            while above is not None:
                found.add((TotalOf.ACCOUNT, above.pk))
                above = accounts.get(above.parent_id) if above.parent_id else None
        return found

    @property
    def rows(self) -> list["EntryRow"]:
        """The rows as the page shows them, sums that are not printed included."""
        by_field = {row.row.field: row for row in self.lines}
        return [
            EntryRow(
                row=row,
                form=by_field.get(row.field),
                check=self.checks.get(row.key),
                warnings=[] if self.is_submitting else self.warnings.get(f"{row.field}-amount", []),
                unit=self.sheet.unit,
                shown=shown,
            )
            for row, shown in zip(self.sheet.rows, lines_of(self.sheet), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A row of the page with its form, if it has one, and what is said about it."""

    row: StatementRow
    form: RowForm | None
    check: TotalCheck | None
    warnings: list[str]
    unit: RecordedUnit
    shown: TableLine

    @property
    def name(self) -> str:
        return name_of(self.row)

    @property
    def computed(self) -> str:
        """What the portal adds up, in the unit of recording."""
        return statement_texts.figure(self.check.computed, self.unit) if self.check else ""

    @property
    def is_rounding(self) -> bool:
        return self.check is not None and self.check.standing is Standing.ROUNDING


def has_field(row: StatementRow) -> bool:
    """Whether something is typed into the row: not where a sum is not printed."""
    return row.takes_line or row.check is not None


def name_of(row: StatementRow) -> str:
    """What the row is called on the page."""
    return row.account.name if row.account else str(row.of.label)


def _texts_of(row: StatementRow, unit: RecordedUnit) -> dict[str, str]:
    """What is stored in the row, as the fields write it."""
    if row.takes_line:
        return {"amount": statement_texts.figure(row.amount, unit), "note": row.note}
    return {"amount": statement_texts.figure(row.check.printed if row.check else None, unit)}
