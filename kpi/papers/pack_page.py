"""The pages of a pack in words: its particulars, its sheets with their anchors, and the differences to another one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from agreements.duties.sheets import DUTIES_STATUS
from agreements.pages.overview_sheets import KIND, STATE, VERDICT
from agreements.support.sheets import SUPPORT_STATUS
from iconm_portal.display import template_tags
from iconm_portal.display.sheets.preview import ShownSheet
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values.fiscal import FiscalYear, era_date
from iconm_portal.values.money import format_number
from iconm_portal.values.text import listed
from kpi.models import Pack, PackState
from kpi.papers import reasons
from kpi.papers.data import DataTable, Plain
from kpi.papers.differences import COLUMN_WORDS, PackChange, PackDifference, compare, is_only_its_day
from kpi.papers.reasons import Reasons
from kpi.plans.tables.sheets import STATUS

Line = tuple[str, str]
"""A label and what stands beside it."""


def visible(user: User, center: Center) -> QuerySet[Pack]:
    """Frozen packs for everybody; what is being prepared for those who make packs."""
    seen = Q(state=PackState.FROZEN)
    if allowed(user, center, Right.REVIEW):
        seen |= Q(state=PackState.DRAFT)
    rows = Pack.objects.filter(seen, center=center)
    return rows.select_related("center", "created_by", "saved_by", "frozen_by", "workbook", "data")


@dataclass(frozen=True)
class Sheets:
    """The printed sheets, each with its anchor."""

    shown: Sequence[ShownSheet]

    @property
    def with_anchors(self) -> list[tuple[str, ShownSheet]]:
        return [(f"sheet-{place}", sheet) for place, sheet in enumerate(self.shown, 1)]


def crumbs(center: Center, pack: Pack | None = None) -> list[Crumb]:
    """The way back."""
    way = [Crumb(_("Committee papers"), reverse("kpi:packs", kwargs={"center": center.code}))]
    if pack is not None:
        way.append(Crumb(pack.title, address(pack)))
    return way


def address(pack: Pack, name: str = "pack") -> str:
    """A page of the pack."""
    return reverse(f"kpi:{name}", kwargs={"center": pack.center.code, "number": pack.number})


def particulars(pack: Pack) -> list[Line]:
    """For whom it is, as known when, and who made it."""
    lines = [
        (_("Committee"), pack.committee),
        (_("Date of the committee"), template_tags.era_date(pack.presented_on) if pack.presented_on else ""),
        (_("Department"), pack.department),
        (_("Fiscal year"), template_tags.fiscal_year(pack.fiscal_year)),
        (_("As known at the end of"), template_tags.era_date(pack.as_of)),
        (_("Begun by"), pack.created_by.name),
        (_("Last saved by"), pack.saved_by.name if pack.saved_by else ""),
    ]
    return [(label, value) for label, value in lines if value]


class OtherForm(forms.Form):
    """With which pack it is compared; without one, with what is known today."""

    other = forms.ModelChoiceField(
        Pack.objects.none(),
        label=gettext_lazy("Compare with"),
        required=False,
        to_field_name="number",
        empty_label=gettext_lazy("what is known today"),
    )

    def __init__(self, data: Any, *, others: QuerySet[Pack]) -> None:
        super().__init__(data)
        field = self.fields["other"]
        field.queryset = others  # type: ignore[attr-defined]
        field.label_from_instance = _label  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Pack | None:
        return self.cleaned_data["other"] if self.is_valid() else None


def _label(pack: Pack) -> str:
    return f"{pack.title} {template_tags.bracketed(template_tags.era_date(pack.as_of))}"


@dataclass(frozen=True, slots=True)
class DifferenceText:
    """A difference in words."""

    what: str
    year: str
    change: str
    before: str
    after: str
    reason: str
    who: str = ""
    since: date | None = None
    revision: int = 0
    url: str = ""


_CHANGES = {
    PackChange.ADDED: gettext_lazy("new"),
    PackChange.REMOVED: gettext_lazy("gone"),
    PackChange.CHANGED: gettext_lazy("changed"),
}


def differences(
    pack: Pack, other: Pack | None, before: Iterable[DataTable], after: Iterable[DataTable], *, today: date
) -> dict[str, Any]:
    """The context of the page: the earlier pack first, whichever was asked for."""
    later_day = other.as_of if other is not None else today
    if later_day < pack.as_of:
        before, after = after, before
    days = sorted((pack.as_of, later_day))
    made_for = [day.isoformat() for day in days]
    found = [one for one in compare(before, after) if not is_only_its_day(one, made_for)]
    behind = reasons.load(pack.center, earlier=days[0], later=days[1]) if found else Reasons((), pack.center)
    groups = [
        (table, [_said(one, behind) for one in rows])
        for table, rows in groupby(found, key=lambda difference: difference.table)
    ]
    return {
        "finding": _finding(len(found)),
        "groups": groups,
        "earlier": days[0],
        "later": days[1],
        "other": other,
    }


def _finding(number: int) -> str:
    if not number:
        return _("Nothing has changed: every figure and every row is the same.")
    return ngettext("%(count)s row differs.", "%(count)s rows differ.", number) % {"count": number}


def _said(one: PackDifference, behind: Reasons) -> DifferenceText:
    row, year = one.row, one.row.get("fiscal_year")
    name = next((row[column] for column in _NAMES if row.get(column)), None) or _VERIFIED.get(
        str(row.get("kind"))
    )
    status = _STATUS.get(str(row.get("status")), str(row.get("status") or "")).partition("。")[0]
    line = behind.of(row)
    return DifferenceText(
        what=" ".join(filter(None, [str(name or "・".join(str(part) for part in one.key if part)), status])),
        year=template_tags.fiscal_year(FiscalYear(year)) if isinstance(year, int) else "",
        change=str(_CHANGES[one.change]),
        before=values_in_words(one, "before", row.get("unit")),
        after=values_in_words(one, "after", row.get("unit")),
        reason=line.why if line else "",
        who=line.who if line else "",
        since=line.since if line else None,
        revision=line.revision if line else 0,
        url=line.url if line else "",
    )


# What a row is called, the first of these that it has.
_NAMES = ("item_name", "title", "activity", "agreement_name", "obligation", "provision_name", "goal", "text")
_VERIFIED = {kind.value: word for kind, word in KIND.items()}
# The words of コード・定義, for a pack's rows hold codes.
_STATUS = STATUS | SUPPORT_STATUS | DUTIES_STATUS
_CODES: dict[str, dict[str, str]] = {
    "status": _STATUS,
    "state": {state.value: word for state, word in STATE.items()},
    "verdict": {verdict.value: word for verdict, word in VERDICT.items()},
    "first_verdict": {verdict.value: word for verdict, word in VERDICT.items()},
}


def _word(column: str, value: Plain) -> str:
    """A value of a column as officials write it: the word for a code, a day of its era."""
    try:
        return era_date(date.fromisoformat(str(value)))
    except ValueError:
        return _CODES.get(column, {}).get(str(value), str(value))


def values_in_words(one: PackDifference, which: str, unit: Plain) -> str:
    """The figure with its unit, and every other column that differs by its name."""
    parts: list[str] = []
    for field in one.fields:
        value: Plain = getattr(field, which)
        if value is None:
            continue
        if field.column == "value":
            parts.insert(0, f"{format_number(Decimal(value))}{unit or ''}")
        elif one.change is PackChange.CHANGED:
            parts.append(f"{COLUMN_WORDS.get(field.column, field.column)}：{_word(field.column, value)}")
    return listed(parts) or pgettext("value", "none")
