"""準備: what a center needs before it works, what is there and what is missing; read from what was really entered."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from agreements.models import Agreement, Conclusion, Obligation, SupportMeasure
from finance.models import Account, Stage, Statement
from finance.models import Side as AccountSide
from iconm_portal.display.template_tags import fiscal_year, fiscal_years
from iconm_portal.models import Center, ProposalState, ReviewState, Role, Side, User
from iconm_portal.people.access import Right, allowed, permits
from iconm_portal.people.centers.setting_up import Link, SetUpStep
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed
from kpi.models import Category, Plan, PlanProposal, Report


@dataclass(frozen=True, slots=True)
class Place:
    """A page on which a step is filled in: its words, the name of its address and who may open it."""

    label: Any
    address: str
    right: Right


WORKBOOK: Final = Place(gettext_lazy("Set-up workbook"), "kpi:set_ups", Right.PREPARE)
"""In which everything can come at once, earlier years too."""

# Where each step is filled in. A page that comes to a step later is entered here, and nowhere else.
PLACES: Final[Mapping[str, tuple[Place, ...]]] = {
    "agreements": (
        Place(gettext_lazy("Enter an agreement"), "agreements:master_agreement_new", Right.PREPARE),
        Place(gettext_lazy("Master data of the agreements"), "agreements:master", Right.PREPARE),
        WORKBOOK,
    ),
    "plan": (Place(gettext_lazy("Prepare a plan"), "kpi:next_plan", Right.SETTLE_JOINTLY),),
    "accounts": (
        Place(gettext_lazy("Enter an account"), "finance:account_new", Right.PREPARE),
        Place(pgettext_lazy("money", "Accounts"), "finance:accounts", Right.PREPARE),
    ),
    "terms": (Place(gettext_lazy("Choose the agreement"), "agreements:master", Right.PREPARE),),
    "categories": (
        Place(gettext_lazy("Enter a category"), "kpi:category_new", Right.PREPARE),
        Place(gettext_lazy("Categories of the register"), "kpi:categories", Right.PREPARE),
    ),
    "past": (
        Place(gettext_lazy("Settlements of earlier years"), "finance:statements", Right.KEEP),
        Place(gettext_lazy("Reports of earlier years"), "kpi:reports", Right.KEEP),
        WORKBOOK,
    ),
}


def is_incomplete(center: Center) -> bool:
    """Whether one of the steps is missing without which the center does not work; one query. Past years are none of them."""
    of_center = {"center": center}
    needed = (
        Agreement.objects.filter(**of_center),
        _with_indicators(center),
        Account.objects.filter(side=AccountSide.REVENUE, **of_center),
        Account.objects.filter(side=AccountSide.EXPENDITURE, **of_center),
        Obligation.objects.filter(agreement__center=center),
        Category.objects.filter(**of_center),
    )
    exists = [Exists(rows.order_by()) for rows in needed]
    return not all(Center.objects.filter(pk=center.pk).values_list(*exists).get())


def steps(user: User, center: Center, *, today: date) -> list[SetUpStep]:
    """Every step as it stands, with the pages for the person or whom to ask; a fixed number of queries."""
    known = _Known(user, center, today)
    return [
        _agreements(known),
        _plan(known),
        _accounts(known),
        _terms(known),
        _categories(known),
        _past(known),
    ]


@dataclass(frozen=True)
class _Known:
    """What is there, asked for once."""

    user: User
    center: Center
    today: date

    @cached_property
    def agreements(self) -> list[Agreement]:
        conclusion = Conclusion.objects.filter(
            agreement=OuterRef("pk"), edition=None, state=ProposalState.CONFIRMED
        )
        return list(
            Agreement.objects.filter(center=self.center).annotate(is_agreed=Exists(conclusion.order_by()))
        )

    @cached_property
    def plans(self) -> list[Plan]:
        return list(_with_indicators(self.center))

    @cached_property
    def staff(self) -> dict[Side, list[str]]:
        """Their names, by side."""
        people = User.objects.filter(
            Q(organisation=self.center.supporter_id) | Q(organisation=self.center.operator_id),
            role=Role.STAFF,
            is_active=True,
        )
        found: dict[Side, list[str]] = {side: [] for side in Side}
        for one in people.order_by("pk"):
            if side := self.center.side_of(one):
                found[side].append(one.name)
        return found

    def step(
        self, key: str, title: str, there: Iterable[str], missing: Iterable[str], works: str
    ) -> SetUpStep:
        """With the pages that the person may open; for somebody without any, whom to ask."""
        places = [place for place in PLACES[key] if allowed(self.user, self.center, place.right)]
        at = {"center": self.center.code}
        return SetUpStep(
            key,
            title,
            there=tuple(there),
            missing=tuple(missing),
            works=works,
            links=tuple(Link(str(place.label), reverse(place.address, kwargs=at)) for place in places),
            ask=() if places else tuple(self._whom_to_ask(PLACES[key][0].right)),
        )

    def _whom_to_ask(self, right: Right) -> Iterable[str]:
        for side, party in (
            (Side.SUPPORTER, self.center.supporter),
            (Side.OPERATOR, self.center.operator),
        ):
            if not permits(side, Role.STAFF, right):
                continue
            words = {"side": side.printed, "organisation": party.name, "people": listed(self.staff[side])}
            if self.staff[side]:
                yield _("Filled in by the staff of %(side)s %(organisation)s: %(people)s") % words
            else:
                yield (
                    _("%(side)s %(organisation)s would fill it in and has no staff yet: ask an administrator")
                    % words
                )


def _agreements(known: _Known) -> SetUpStep:
    number = len(known.agreements)
    concluded = sum(one.is_agreed for one in known.agreements)  # type: ignore[attr-defined]  # annotated
    there = [_("Agreements: %(number)d, of which concluded: %(concluded)d")] if number else []
    return known.step(
        "agreements",
        _("Agreements"),
        [one % {"number": number, "concluded": concluded} for one in there],
        [] if number else [_("No agreement is entered yet.")],
        _("Obligations, support measures and the wording can be entered under an agreement.")
        if number
        else "",
    )


def _plan(known: _Known) -> SetUpStep:
    there = [f"{one.label}（{fiscal_years(one.first_year, one.last_year)}）" for one in known.plans]
    if allowed(known.user, known.center, Right.SEE_SUBMITTED):
        there += [
            _("“%(label)s” is being prepared.") % {"label": one.label or _("Next plan")}
            for one in PlanProposal.objects.filter(center=known.center, made=None).exclude(
                state=ProposalState.DECLINED
            )
        ]
    return known.step(
        "plan",
        _("Plan (KPI)"),
        there,
        [] if known.plans else [_("No plan with indicators is settled by both sides yet.")],
        _("Targets and reports can be entered for the years of the plan.") if known.plans else "",
    )


def _accounts(known: _Known) -> SetUpStep:
    sides = Account.objects.filter(center=known.center).order_by().values_list("side", flat=True)
    counted = Counter(AccountSide(side) for side in sides)
    needed = (
        (AccountSide.REVENUE, _("No account for revenue is entered yet.")),
        (AccountSide.EXPENDITURE, _("No account for expenditure is entered yet.")),
    )
    lacking = [words for side, words in needed if not counted[side]]
    return known.step(
        "accounts",
        pgettext("money", "Accounts"),
        [_("%(side)s: %(number)d") % {"side": side.label, "number": counted[side]} for side in counted],
        lacking,
        "" if lacking else _("Budgets, settlements and entries of the ledger can be entered."),
    )


def _terms(known: _Known) -> SetUpStep:
    obligations = Obligation.objects.filter(agreement__center=known.center).count()
    measures = SupportMeasure.objects.filter(center=known.center).count()
    if not known.agreements:
        missing = [_("They stand under an agreement: enter one first.")]
    elif not obligations:
        missing = [_("No obligation is entered yet, so the calendar has nothing that falls due.")]
    else:
        missing = []
    there = []
    if obligations or measures:
        there.append(
            _("Obligations: %(obligations)d, support measures: %(measures)d")
            % {"obligations": obligations, "measures": measures}
        )
    if known.agreements and not measures:
        there.append(_("No support measure: a center without any support of the city needs none."))
    return known.step(
        "terms",
        _("Obligations and support measures"),
        there,
        missing,
        _("The calendar shows what falls due under agreements that are concluded.") if obligations else "",
    )


def _categories(known: _Known) -> SetUpStep:
    number = Category.objects.filter(center=known.center).count()
    return known.step(
        "categories",
        _("Categories of the register"),
        [_("Categories: %(number)d") % {"number": number}] if number else [],
        [] if number else [_("No category is entered yet, so nothing can be recorded in the register.")],
        _("Records can be kept, and indicators counted from them.") if number else "",
    )


def _past(known: _Known) -> SetUpStep:
    """Of the years that were over when the center came to the portal; nothing is missing where there are none."""
    this_year = FiscalYear.of(known.today)
    starts = [FiscalYear.of(one.starts_on) for one in known.agreements]
    first = min([*starts, *(plan.first_year for plan in known.plans)], default=None)
    of_past = {"state": ReviewState.ACCEPTED, "fiscal_year__lt": this_year}
    settled = Statement.objects.filter(center=known.center, stage=Stage.SETTLEMENT, **of_past)
    reported = Report.objects.filter(plan__center=known.center, **of_past)
    there = [
        words % {"years": listed(map(fiscal_year, sorted(years)))}
        for words, years in (
            (_("Settlements accepted: %(years)s"), _years(settled)),
            (_("Reports accepted: %(years)s"), _years(reported)),
        )
        if years
    ]
    works = _("These years stand in the tables and charts.") if there else ""
    missing = []
    if first is None:
        missing.append(_("The years begin with the first agreement or plan: enter these first."))
    elif first >= this_year:
        there.append(_("No year is over since the first agreement and plan began."))
    elif not there:
        missing.append(
            _("Nothing is known of %(years)s yet.") % {"years": fiscal_years(first, this_year - 1)}
        )
    return known.step(
        "past",
        _("Earlier years"),
        there,
        missing,
        works,
    )


def _years(rows: "models.QuerySet[Any]") -> set[FiscalYear]:
    return set(rows.order_by().values_list("fiscal_year", flat=True))


def _with_indicators(center: Center) -> Any:
    return Plan.objects.filter(center=center, indicators__isnull=False).distinct()
