"""What people type about the next plan itself: its name and years, its goals, the direct goals that it brings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.values.fields import FiscalYearFormField
from kpi.models import Kgi, PlanProposal
from kpi.plans import codes
from kpi.targets.forms import ConfirmedConsultation
from kpi.targets.next_plan_drafts import SAME_LABEL, GoalDraft, Head, KgiDraft, goals_of, kgis_of

NEW_GOALS = 3
NEW_KGIS = 2


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


@dataclass(frozen=True, slots=True)
class KgiRow:
    """The fields of a direct goal that the plan brings."""

    text: BoundField
    year: BoundField


class HeadForm(VersionedForm):
    """The plan itself, and its goals. A goal whose name is emptied is taken out, and so is a direct goal."""

    label = forms.CharField(label=_("Name"), max_length=120)
    first_year = FiscalYearFormField(label=_("First year"))
    last_year = FiscalYearFormField(label=_("Last year"))
    baseline_year = FiscalYearFormField(
        label=_("Baseline year"), required=False, help_text=_("A year before the first, if there is one.")
    )
    goal_heading = forms.CharField(label=_("Printed heading of the goals"), max_length=60, required=False)

    def __init__(self, data: Any, *, proposal: PlanProposal) -> None:
        self.proposal = proposal
        self.goals = _goals_offered(proposal)
        self.kgis = _kgis_offered(proposal)
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
        for code in self.kgis:
            self.fields[f"{code}-text"] = forms.CharField(
                label=_("Direct goal (KGI)"), max_length=300, required=False
            )
            self.fields[f"{code}-year"] = FiscalYearFormField(label=_("Target year"), required=False)

    @property
    def kgi_rows(self) -> list[KgiRow]:
        """The direct goals with their fields: those there are, and blank ones."""
        return [KgiRow(self[f"{code}-text"], self[f"{code}-year"]) for code in self.kgis]

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
        for code in self.kgis:
            if typed.get(f"{code}-text") and f"{code}-year" in typed and typed[f"{code}-year"] is None:
                self.add_error(f"{code}-year", _("Say by which fiscal year it is to be true."))
        return typed

    def head(self) -> Head:
        """Of a valid form. The code goes with the first year, unless another plan has it."""
        typed = self.cleaned_data
        code = f"plan-{typed['first_year'].start}"
        if not self.proposal.code.startswith(code):
            code = codes.free(code, set(self.proposal.center.plans.values_list("code", flat=True)))
        else:
            code = self.proposal.code
        names = [name for name in Head.__dataclass_fields__ if name != "code"]
        return Head(code=code, **{name: typed[name] for name in names})

    def kgi_drafts(self) -> list[KgiDraft]:
        """The direct goals that the plan brings; of a valid form."""
        typed = self.cleaned_data
        return [
            KgiDraft(code, typed[f"{code}-text"], typed[f"{code}-year"])
            for code in self.kgis
            if typed[f"{code}-text"]
        ]

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


def _kgis_offered(proposal: PlanProposal) -> list[str]:
    """The codes of the direct goals: those of the proposal, and of blank ones."""
    offered = [kgi.code for kgi in kgis_of(proposal)]
    taken = {*offered, *Kgi.objects.filter(center=proposal.center).values_list("code", flat=True)}
    for _number in range(NEW_KGIS):
        offered.append(codes.next_in_line("kgi", taken))
        taken.add(offered[-1])
    return offered


def _head_initial(proposal: PlanProposal, goals: Iterable[GoalDraft]) -> dict[str, Any]:
    names = {goal.code: goal for goal in goals}
    return {
        **{name: getattr(proposal, name) for name in Head.__dataclass_fields__ if name != "code"},
        "under": proposal.under.code if proposal.under else None,
        "consultation": proposal.consultation.number if proposal.consultation else None,
        "version": proposal.version,
        **{f"goal-{code}": goal.label for code, goal in names.items()},
        **{f"goal-{code}-reason": goal.reason for code, goal in names.items()},
        **{f"{kgi.code}-text": kgi.text for kgi in kgis_of(proposal)},
        **{f"{kgi.code}-year": kgi.target_year for kgi in kgis_of(proposal)},
    }
