"""Small builders of initiatives: schemes with categories and activities, and the goals that they serve."""

from collections.abc import Iterable

from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives import actions
from kpi.models import Goal, Initiative, InitiativeCategory, InitiativeScheme, InitiativeYear, Plan
from tests.days import AT

SOURCE = "T5"


def make_goal(plan: Plan, code: str = "launch", label: str = "上市", **fields: object) -> Goal:
    return Goal.objects.create(
        plan=plan, code=code, position=plan.goals.count() + 1, label=label, source=SOURCE, **fields
    )


def make_scheme(
    center: Center, *, code: str = "main", years: tuple[int, int | None] = (2022, None)
) -> InitiativeScheme:
    return InitiativeScheme.objects.create(
        center=center, code=code, label=f"取組 {code}", first_year=years[0], last_year=years[1], source=SOURCE
    )


def make_category(
    scheme: InitiativeScheme, code: str = "funding", *, goals: Iterable[Goal] = (), activities: int = 1
) -> InitiativeCategory:
    """A category with activities a0, a1 …, serving the goals."""
    category = InitiativeCategory.objects.create(
        scheme=scheme,
        code=code,
        position=scheme.categories.count() + 1,
        label=f"区分 {code}",
        source=SOURCE,
    )
    category.goals.set(goals)
    Initiative.objects.bulk_create(
        Initiative(
            category=category, code=f"a{index}", position=index, text=f"{code}の取組{index}", source=SOURCE
        )
        for index in range(activities)
    )
    return category


def make_year(
    initiative: Initiative, year: int, *, by: User, plan: str = "計画した", result: str = ""
) -> InitiativeYear:
    """Kept through the action."""
    return actions.keep_year(
        initiative=initiative, fiscal_year=FiscalYear(year), version=0, plan=plan, result=result, by=by, at=AT
    )
