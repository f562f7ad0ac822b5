"""What people type about targets that they propose, and how they answer the other side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from agreements.models import Consultation
from iconm_portal.display.template_tags import era_date
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.models import Center, ProposalState
from iconm_portal.values.fields import EraDateFormField
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator
from kpi.plans import texts
from kpi.plans.achievement import stored
from kpi.plans.value_field import IndicatorField
from kpi.targets.actions import Terms
from kpi.targets.falling import field_name
from kpi.targets.target_proposals import SheetRow, TargetSheet, target_text


class ConfirmedConsultation(forms.ModelChoiceField):
    """A talk of the center that both sides confirmed, by its day, number and subject."""

    def __init__(self, center: Center, **kwargs: Any) -> None:
        found = Consultation.objects.filter(center=center, state=ProposalState.CONFIRMED)
        super().__init__(
            found.select_related("center"),
            label=_("Consultation"),
            to_field_name="number",
            empty_label=_("None yet"),
            **kwargs,
        )

    def label_from_instance(self, obj: Any) -> str:
        return f"{era_date(obj.held_on)} {obj}"


class TargetField(IndicatorField):
    """A target in the indicator's display unit."""

    def __init__(self, indicator: Indicator, year: FiscalYear) -> None:
        label = _("%(indicator)s, %(year)s") % {"indicator": indicator.name, "year": texts.year_label(year)}
        super().__init__(indicator, label=label)
        self.widget.attrs["aria-label"] = label

    def refuse(self, value: Decimal) -> None:
        self.indicator.refuse_as_target(value)


@dataclass(frozen=True, slots=True)
class TargetCell:
    """A year of an indicator on the sheet: the field, and the present target beside it (empty where there is none)."""

    year: FiscalYear
    field: BoundField
    present: str


@dataclass(frozen=True, slots=True)
class TargetRow:
    row: SheetRow
    kind: str
    cells: tuple[TargetCell, ...]


class TargetsForm(VersionedForm):
    """Reason, day and talk, and a field for every target of the plan. A blank field leaves the target as it is."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )

    may_fall = forms.BooleanField(
        label=_("A cumulative target falls on purpose"),
        required=False,
        help_text=_("The reason says why. Otherwise a target below that of an earlier year is refused."),
    )

    def __init__(self, data: Any, *, sheet: TargetSheet, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.sheet = sheet
        self.fields["effective_from"] = EraDateFormField(
            label=_("In force from"),
            help_text=_("Until that day, and until the other side has confirmed, the present targets hold."),
        )
        self.fields["consultation"] = ConfirmedConsultation(
            sheet.plan.center,
            required=False,
            help_text=_("The talk in which it was settled. It is needed before you put the targets forward."),
        )
        if not any(row.indicator.kind.only_grows for row in sheet.rows):
            del self.fields["may_fall"]
        self.order_fields(["reason", "may_fall", "effective_from", "consultation"])
        for row, year in self._places():
            self.fields[field_name(row.indicator.code, year)] = TargetField(row.indicator, year)

    def _places(self) -> Iterator[tuple[SheetRow, FiscalYear]]:
        for row in self.sheet.rows:
            for year in self.sheet.years:
                yield row, year

    @property
    def rows(self) -> list[TargetRow]:
        """The sheet's rows with their fields."""
        return [
            TargetRow(
                row,
                texts.kind_words(row.indicator.printed_kind, row.indicator.kind),
                tuple(
                    TargetCell(
                        year,
                        self[field_name(row.indicator.code, year)],
                        target_text(row.indicator, row.present[year]) if year in row.present else "",
                    )
                    for year in self.sheet.years
                ),
            )
            for row in self.sheet.rows
        ]

    def terms(self) -> Terms:
        """Of a valid form."""
        typed = self.cleaned_data
        return Terms(
            typed["reason"], typed["effective_from"], typed["consultation"], typed.get("may_fall", False)
        )

    def values(self) -> dict[tuple[Indicator, FiscalYear], Decimal]:
        """The targets that were typed, in base units; of a valid form."""
        typed = {
            (row.indicator, year): self.cleaned_data[field_name(row.indicator.code, year)]
            for row, year in self._places()
        }
        return {place: stored(value, place[0].scale) for place, value in typed.items() if value is not None}


def initial_of(
    reason: str,
    effective_from: date,
    consultation: Consultation | None,
    lines: Mapping[tuple[Indicator, FiscalYear], Decimal],
    version: int,
    *,
    may_fall: bool,
) -> dict[str, Any]:
    """What stands in the form of a stored proposal."""
    return {
        "reason": reason,
        "effective_from": effective_from,
        "consultation": consultation.number if consultation else None,
        "version": version,
        "may_fall": may_fall,
        **{
            field_name(indicator.code, year): value / indicator.scale
            for (indicator, year), value in lines.items()
        },
    }
