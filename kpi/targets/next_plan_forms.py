"""What people type about the next plan: the plan itself with its goals, and one indicator at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.models import Center
from iconm_portal.models.codes import validate_code
from iconm_portal.values.fields import FiscalYearFormField, NumberFormField
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding
from kpi.models import IndicatorStep, Plan, PlanProposal, PlanProposalLine
from kpi.models.plans import ROUNDINGS
from kpi.models.values import LARGEST
from kpi.plans import labels, texts
from kpi.plans.achievement import Comparator, Kind, stored
from kpi.targets.forms import ConfirmedConsultation
from kpi.targets.next_plan_drafts import MONEY, SAME_LABEL, GoalDraft, Head, LineDraft, goals_of, targets_of

NEW_GOALS = 3
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


class AgreementChoice(forms.ModelChoiceField):
    """One of the center's agreements, by its short title."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.short_title)


@dataclass(frozen=True, slots=True)
class GoalRow:
    """The fields of a goal; `was` is its label in the previous plan, empty for a new one."""

    was: str
    label: BoundField
    reason: BoundField | None


class HeadForm(VersionedForm):
    """The plan itself, and its goals. A goal whose name is emptied is taken out."""

    label = forms.CharField(label=_("Name"), max_length=120)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        validators=[validate_code],
        help_text=_("It stands in addresses and sheets, and cannot be changed once the plan is settled."),
    )
    first_year = FiscalYearFormField(label=_("First year"))
    last_year = FiscalYearFormField(label=_("Last year"))
    baseline_year = FiscalYearFormField(
        label=_("Baseline year"), required=False, help_text=_("A year before the first, if there is one.")
    )
    goal_heading = forms.CharField(label=_("Printed heading of the goals"), max_length=60, required=False)

    def __init__(self, data: Any, *, proposal: PlanProposal) -> None:
        self.proposal = proposal
        self.goals = _goals_offered(proposal)
        super().__init__(data, initial=_head_initial(proposal, self.goals))
        self.fields["under"] = AgreementChoice(
            Agreement.objects.filter(center=proposal.center),
            label=_("Agreement"),
            to_field_name="code",
            required=False,
            empty_label=_("None of them"),
        )
        self.fields["consultation"] = ConfirmedConsultation(
            proposal.center,
            required=False,
            help_text=_("The talk in which it was settled. It is needed before you put the plan forward."),
        )
        for goal in self.goals:
            self.fields[f"goal-{goal.code}"] = forms.CharField(
                label=_("Goal"), max_length=120, required=False
            )
            if goal.continues:
                self.fields[f"goal-{goal.code}-reason"] = forms.CharField(
                    label=_("Why it is the same goal"), max_length=300, required=False
                )

    @property
    def goal_rows(self) -> list[GoalRow]:
        """The goals with their fields: those there are, those of the previous plan that were taken out, and blank ones."""
        earlier = _earlier_labels(self.proposal)
        return [
            GoalRow(
                earlier.get(goal.continues, ""),
                self[f"goal-{goal.code}"],
                self[f"goal-{goal.code}-reason"] if goal.continues else None,
            )
            for goal in self.goals
        ]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        earlier = _earlier_labels(self.proposal)
        for goal in self.goals:
            label, reason = typed.get(f"goal-{goal.code}"), typed.get(f"goal-{goal.code}-reason")
            # The reason that stands there from the beginning is that the names are the same.
            says_nothing = not reason or reason == SAME_LABEL
            if label and goal.continues and says_nothing and label != earlier[goal.continues]:
                self.add_error(
                    f"goal-{goal.code}-reason", _("The name changes: say why it counts as the same goal.")
                )
        return typed

    def head(self) -> Head:
        """Of a valid form."""
        return Head(**{name: self.cleaned_data[name] for name in Head.__dataclass_fields__})

    def goal_drafts(self) -> list[GoalDraft]:
        """The goals that stay or are new, in order; of a valid form."""
        typed = self.cleaned_data
        return [
            GoalDraft(
                goal.code,
                typed[f"goal-{goal.code}"],
                goal.continues,
                (typed[f"goal-{goal.code}-reason"] or SAME_LABEL) if goal.continues else "",
            )
            for goal in self.goals
            if typed[f"goal-{goal.code}"]
        ]


def _earlier_labels(proposal: PlanProposal) -> dict[str, str]:
    return {goal.code: goal.label for goal in proposal.previous.goals.all()} if proposal.previous else {}


def _goals_offered(proposal: PlanProposal) -> list[GoalDraft]:
    """Those of the proposal, those of the previous plan that it does not continue, and blank ones for new goals."""
    there = goals_of(proposal)
    codes, continued = {goal.code for goal in there}, {goal.continues for goal in there}
    left = [GoalDraft(code, "", code) for code in _earlier_labels(proposal) if code not in continued]
    taken = codes | {goal.code for goal in left}
    free = (f"goal-{number}" for number in range(1, 1000))
    blank = (GoalDraft(code, "") for code in free if code not in taken)
    return [*there, *left, *(goal for goal, _number in zip(blank, range(NEW_GOALS), strict=False))]


def _head_initial(proposal: PlanProposal, goals: Iterable[GoalDraft]) -> dict[str, Any]:
    names = {goal.code: goal for goal in goals}
    return {
        **{name: getattr(proposal, name) for name in Head.__dataclass_fields__},
        "under": proposal.under.code if proposal.under else None,
        "consultation": proposal.consultation.number if proposal.consultation else None,
        "version": proposal.version,
        **{f"goal-{code}": goal.label for code, goal in names.items()},
        **{f"goal-{code}-reason": goal.reason for code, goal in names.items()},
    }


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
    code = forms.CharField(label=_("Code"), max_length=40, validators=[validate_code])
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
        if is_followed:
            self.fields["code"].disabled = True
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
            code=typed["code"],
            goal=typed["goal"],
            reason=typed["reason"],
            shape={name: typed[name] for name in (*shape, *more)}
            | {"scale": scale}
            | self._own_bounds(typed, scale),
            targets={year: stored(value, scale) for year, value in values.items() if value is not None},
        )


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
            "version": proposal.version,
        }
    own = [field for field in LineForm.base_fields if field != "version"]
    return {
        **{name: getattr(line, name) for name in own},
        **{
            name: None if (bound := getattr(line, name)) is None else bound / line.scale
            for name in ("lowest", "highest")
        },
        **{f"target-{year.start}": value / line.scale for year, value in targets_of(line).items()},
        "version": proposal.version,
    }
