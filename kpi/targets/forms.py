"""What people type about targets that they propose, and how they answer the other side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
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
from kpi.targets import pasted_grid
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


class PasteField(forms.CharField):
    """Cells from a spreadsheet. What could be read went into the fields before; what stands here still could not."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Cells from a spreadsheet"),
            required=False,
            max_length=pasted_grid.LONGEST,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 3, "data-paste": "", "wrap": "off"}),
            help_text=_(
                "Copy the cells and put them here, or into the first field: with or without a line of years above and the"
                " names of the indicators in front. They come into the fields when you save; a blank cell changes nothing."
            ),
        )


class PastedForm(VersionedForm):
    """A form with a grid of indicators and years, into which cells can be pasted."""

    names: Mapping[str, str]
    years: Sequence[FiscalYear]
    paste = PasteField()

    def clean_paste(self) -> str:
        text: str = self.cleaned_data["paste"]
        if text.strip():
            raise ValidationError(list(pasted_grid.read(text, self.names, self.years).problems))
        return ""


class TargetsForm(PastedForm):
    """Reason, day and talk, and a field for every target of the plan. A blank field leaves the target as it is."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )

    may_fall = forms.BooleanField(
        label=_("A cumulative target falls on purpose"),
        required=False,
        help_text=_("The reason says why. Otherwise a target below that of an earlier year is refused."),
    )

    may_move = forms.BooleanField(
        label=_("The target of a year whose result is accepted changes on purpose"),
        required=False,
        help_text=_("The verdict stays as it was accepted, and is marked as changed."),
    )

    def __init__(self, data: Any, *, sheet: TargetSheet, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.sheet, self.years = sheet, sheet.years
        self.names = {row.indicator.code: row.indicator.name for row in sheet.rows}
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
        if not sheet.judged:
            del self.fields["may_move"]
        self.order_fields(["reason", "may_fall", "may_move", "effective_from", "consultation"])
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
            typed["reason"],
            typed["effective_from"],
            typed["consultation"],
            may_fall=typed.get("may_fall", False),
            may_move=typed.get("may_move", False),
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
    may_move: bool,
) -> dict[str, Any]:
    """What stands in the form of a stored proposal."""
    return {
        "reason": reason,
        "effective_from": effective_from,
        "consultation": consultation.number if consultation else None,
        "version": version,
        "may_fall": may_fall,
        "may_move": may_move,
        **{
            field_name(indicator.code, year): value / indicator.scale
            for (indicator, year), value in lines.items()
        },
    }
