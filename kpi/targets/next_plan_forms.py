"""What people type about the next plan: which one it follows, and one indicator at a time."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.edited import VersionedForm
from iconm_portal.models import Center
from iconm_portal.values.fields import NumberFormField
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding
from kpi.models import IndicatorStep, Plan, PlanProposal, PlanProposalLine
from kpi.models.plans import RESERVED_INDICATOR_CODES, ROUNDINGS
from kpi.models.values import LARGEST
from kpi.plans import codes, labels, texts
from kpi.plans.achievement import Comparator, Kind, stored
from kpi.targets.next_plan_drafts import MONEY, LineDraft, goals_of, targets_of
from kpi.value_sources import choices
from kpi.value_sources.actions import NONE

MOST_DECIMALS = 3


class StartForm(forms.Form):
    """From which plan the next one is prepared; from none, it begins empty."""

    def __init__(self, *args: Any, center: Center, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["previous"] = PlanChoice(
            Plan.objects.filter(center=center).order_by("-first_year", "-pk"),
            label=_("Prepare it from"),
            to_field_name="code",
            required=False,
            empty_label=_("No plan: begin empty"),
        )


class PlanChoice(forms.ModelChoiceField):
    """One of the center's plans by its name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label)


class LineForm(VersionedForm):
    """An indicator of the next plan: what becomes of it, how it is counted and printed, and its targets."""

    step = forms.ChoiceField(label=_("What becomes of it"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Needed where it is counted otherwise or dropped, or where a cumulative target falls; readers see it."
        ),
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    goal = forms.ChoiceField(label=_("Goal"), required=False)
    significance = forms.CharField(label=_("Significance"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=list(labels.KIND.items()))
    printed_kind = forms.CharField(
        label=_("Printed mark of the kind"),
        max_length=20,
        required=False,
        help_text=_("Such as (累計) or (年間)."),
    )
    unit = forms.CharField(label=_("Unit"), max_length=10)
    comparator = forms.ChoiceField(label=_("Comparator"), choices=list(labels.COMPARATOR.items()))
    prints_comparator = forms.BooleanField(label=_("Print the comparator"), required=False)
    is_new = forms.BooleanField(label=_("Marked as new"), required=False)
    decimals = forms.IntegerField(label=_("Decimals shown"), min_value=0, max_value=MOST_DECIMALS)
    entry_decimals = forms.IntegerField(label=_("Decimals accepted"), min_value=0, max_value=MOST_DECIMALS)
    basis = forms.ChoiceField(
        label=_("Proposed from"),
        required=False,
        help_text=_("What the value is counted or taken from. It can be changed later, with a reason."),
    )
    rounding = forms.ChoiceField(label=_("Rounding"), choices=list(ROUNDINGS.items()))
    lowest = NumberFormField(
        label=_("Lowest possible value"),
        decimals=MOST_DECIMALS,
        minimum=-LARGEST,
        maximum=LARGEST,
        required=False,
        help_text=_("Empty: a count of things is never below 0, and a ratio lies between 0 and 100."),
    )
    highest = NumberFormField(
        label=_("Highest possible value"),
        decimals=MOST_DECIMALS,
        minimum=-LARGEST,
        maximum=LARGEST,
        required=False,
    )

    def __init__(self, data: Any, *, proposal: PlanProposal, line: PlanProposalLine | None = None) -> None:
        self.proposal, self.line = proposal, line
        self.years = FiscalYear.range(proposal.first_year, proposal.last_year)
        super().__init__(data, initial=_line_initial(proposal, line))
        is_followed = line is not None and line.previous_id is not None
        steps = [
            choice for choice in IndicatorStep.choices if (choice[0] != IndicatorStep.NEW) == is_followed
        ]
        self.fields["step"].choices = steps  # type: ignore[attr-defined]
        goals = [(goal.code, goal.label) for goal in goals_of(proposal)]
        self.fields["goal"].choices = [("", _("Without a goal")), *goals]  # type: ignore[attr-defined]
        self.fields["basis"].choices = choices.options(proposal.center)  # type: ignore[attr-defined]
        unit = str(self["unit"].value() or "").strip()
        for year in self.years:
            self.fields[f"target-{year.start}"] = NumberFormField(
                label=texts.year_label(year),
                unit=unit,
                decimals=MOST_DECIMALS,
                minimum=-LARGEST,
                maximum=LARGEST,
                required=False,
            )

    @property
    def target_fields(self) -> list[BoundField]:
        """A field for each year's target."""
        return [self[f"target-{year.start}"] for year in self.years]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        places = typed.get("entry_decimals")
        shape = self._counted(typed)
        for year in self.years:
            value, name = typed.get(f"target-{year.start}"), f"target-{year.start}"
            if value is None or places is None:
                continue
            if value != round(value, places):
                self.add_error(name, _("More decimals than this indicator accepts."))
            elif abs(stored(value, self._scale(typed.get("unit", "")))) > LARGEST:
                self.add_error(name, ValidationError(_("This number is too large.")))
            elif shape is not None:
                try:
                    shape.refuse_as_target(stored(value, shape.scale))
                except ValidationError as error:
                    self.add_error(name, error)
        return typed

    def _counted(self, typed: dict[str, Any]) -> PlanProposalLine | None:
        """How the indicator is counted as typed, to hold its targets against; None where that cannot be told."""
        if not typed.get("kind") or "unit" not in typed:
            return None
        scale = self._scale(typed["unit"])
        return PlanProposalLine(
            kind=typed["kind"], unit=typed["unit"], scale=scale, **self._own_bounds(typed, scale)
        )

    def _own_bounds(self, typed: dict[str, Any], scale: int) -> dict[str, Decimal | None]:
        """In base units."""
        bounds = {name: typed.get(name) for name in ("lowest", "highest")}
        return {name: None if value is None else stored(value, scale) for name, value in bounds.items()}

    def _scale(self, unit: str) -> int:
        """Base units per display unit: yen for money; a unit that stays keeps what it had."""
        before = self.line.previous if self.line else None
        if before is not None and before.unit == unit:
            return before.scale
        return MONEY.get(unit, 1)

    def draft(self) -> LineDraft:
        """Of a valid form."""
        typed = self.cleaned_data
        scale = self._scale(typed["unit"])
        values: dict[FiscalYear, Decimal | None] = {
            year: typed[f"target-{year.start}"] for year in self.years
        }
        shape = ("name", "printed_kind", "is_new", "significance", "unit", "kind", "comparator")
        more = ("prints_comparator", "decimals", "entry_decimals", "rounding")
        return LineDraft(
            step=IndicatorStep(typed["step"]),
            code=self.line.code if self.line else self._code(typed["name"]),
            goal=typed["goal"],
            reason=typed["reason"],
            basis="" if typed["basis"] == NONE.key else typed["basis"],
            shape={name: typed[name] for name in (*shape, *more)}
            | {"scale": scale}
            | self._own_bounds(typed, scale),
            targets={year: stored(value, scale) for year, value in values.items() if value is not None},
        )

    def _code(self, name: str) -> str:
        """From the name where that can be read in an address, otherwise from the place: kpi-03."""
        taken = {*self.proposal.lines.values_list("code", flat=True), *RESERVED_INDICATOR_CODES}
        if code := codes.slug(name):
            return codes.free(code, taken)
        return codes.next_in_line("kpi", taken, width=2)


def _line_initial(proposal: PlanProposal, line: PlanProposalLine | None) -> dict[str, Any]:
    if line is None:
        return {
            "step": IndicatorStep.NEW,
            "is_new": True,
            "kind": Kind.CUMULATIVE,
            "comparator": Comparator.AT_LEAST,
            "decimals": 0,
            "entry_decimals": 0,
            "rounding": Rounding.HALF_UP,
            "basis": NONE.key,
            "version": proposal.version,
        }
    own = [field for field in LineForm.base_fields if field != "version"]
    return {
        **{name: getattr(line, name) for name in own},
        "basis": line.basis or NONE.key,
        **{
            name: None if (bound := getattr(line, name)) is None else bound / line.scale
            for name in ("lowest", "highest")
        },
        **{f"target-{year.start}": value / line.scale for year, value in targets_of(line).items()},
        "version": proposal.version,
    }
