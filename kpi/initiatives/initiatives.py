"""取組: what is done for the goals, arranged as the report prints it, with each year's plan and result.

`load` gives the whole arrangement in four queries (five as known on a day), `serving` what serves given goals in three.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F

from iconm_portal.models import Center, HistoryEvent
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.ordering import blanks_first
from kpi.models import (
    Goal,
    Initiative,
    InitiativeCategory,
    InitiativeScheme,
    InitiativeYear,
    is_our_summary,
    official_text,
)
from kpi.plans.scorecard import Scorecard

SAVE = "initiative.save"
"""What the history calls the saving of a year's plan and result."""


@dataclass(frozen=True, slots=True)
class YearOfActivity:
    """What was planned and what came of it in a fiscal year; either may be blank."""

    year: FiscalYear
    plan: str
    result: str
    version: int
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity under a category, with the years that were loaded."""

    id: int
    code: str
    text: str
    """The official text, or the portal's summary of it (`is_summary`)."""
    is_summary: bool
    is_new: bool
    years: dict[FiscalYear, YearOfActivity]

    def in_year(self, year: FiscalYear) -> YearOfActivity | None:
        return self.years.get(year)


@dataclass(frozen=True, slots=True)
class ServedGoal:
    """A goal that a category serves, by its plan's printed label."""

    id: int
    plan_code: str
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Category:
    """A heading of a scheme with its activities; `depth` is 1 for what stands under another heading (IV-1)."""

    code: str
    mark: str
    label: str
    depth: int
    goals: tuple[ServedGoal, ...]
    activities: tuple[Activity, ...]

    @property
    def title(self) -> str:
        """IV-1 事業化支援."""
        return f"{self.mark} {self.label}".strip()


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way of arranging what is done, in force for a run of years (open at the end where no last one is known)."""

    code: str
    label: str
    first_year: FiscalYear
    last_year: FiscalYear | None
    category_heading: str
    goal_heading: str
    note: str
    source: str
    categories: tuple[Category, ...]

    def is_open_in(self, year: FiscalYear, *, today: date) -> bool:
        """Whether plan and result of the year belong here."""
        return is_open_in(self.first_year, self.last_year, year, today=today)

    @property
    def has_goals(self) -> bool:
        return any(category.goals for category in self.categories)

    @property
    def has_headings(self) -> bool:
        """Whether some of its categories stand under others, as in T7."""
        return any(category.depth for category in self.categories)

    @property
    def activities(self) -> tuple[Activity, ...]:
        return tuple(activity for category in self.categories for activity in category.activities)


def is_open_in(first: FiscalYear, last: FiscalYear | None, year: FiscalYear, *, today: date) -> bool:
    """Whether an arrangement holds in the year: within its years, and not after the next one from today."""
    return first <= year <= (last or FiscalYear.of(today).next) and year <= FiscalYear.of(today).next


def load(
    center: Center, *, year: FiscalYear | None = None, known_at: date | None = None
) -> tuple[Scheme, ...]:
    """Every scheme of the center with its categories and activities, in a fixed number of queries.

    `year` limits the plans and results that come along to one fiscal year; `known_at` asks for the texts as they were at
    the end of that day. The schemes themselves are master data and are shown as they are.
    """
    activities = _activities(center, year, known_at)
    categories: dict[int, list[Category]] = {}
    rows = InitiativeCategory.objects.filter(scheme__center=center).order_by("position", "pk")
    for row in rows.prefetch_related("goals__plan"):
        found = Category(
            code=row.code,
            mark=row.mark,
            label=row.label,
            depth=1 if row.parent_id else 0,
            goals=tuple(
                ServedGoal(goal.pk, goal.plan.code, goal.code, goal.label) for goal in row.goals.all()
            ),
            activities=tuple(activities.get(row.pk, ())),
        )
        categories.setdefault(row.scheme_id, []).append(found)
    return tuple(
        Scheme(
            code=scheme.code,
            label=scheme.label,
            first_year=scheme.first_year,
            last_year=scheme.last_year,
            category_heading=scheme.category_heading,
            goal_heading=scheme.goal_heading,
            note=scheme.note,
            source=scheme.source,
            categories=tuple(categories.get(scheme.pk, ())),
        )
        for scheme in InitiativeScheme.objects.filter(center=center)
    )


def in_year(schemes: Iterable[Scheme], year: FiscalYear, *, today: date) -> tuple[Scheme, ...]:
    """Those that hold in the year."""
    return tuple(scheme for scheme in schemes if scheme.is_open_in(year, today=today))


def kept_in(schemes: Iterable[Scheme], year: FiscalYear) -> list[tuple[Activity, YearOfActivity]]:
    """The activities that have a plan or a result in the year, with them."""
    return [
        (activity, kept)
        for scheme in schemes
        for activity in scheme.activities
        if (kept := activity.in_year(year)) is not None and (kept.plan or kept.result)
    ]


def years(schemes: Iterable[Scheme], *, today: date) -> tuple[FiscalYear, ...]:
    """All fiscal years that have a page, the next one included; the latest first."""
    found = tuple(schemes)
    if not found:
        return ()
    first = min(scheme.first_year for scheme in found)
    every = FiscalYear.range(first, FiscalYear.of(today).next)
    return tuple(reversed([year for year in every if in_year(found, year, today=today)]))


def _activities(center: Center, year: FiscalYear | None, known_at: date | None) -> dict[int, list[Activity]]:
    """By category, in two queries, or three for a day."""
    texts: dict[int, dict[FiscalYear, YearOfActivity]] = {}
    rows = InitiativeYear.objects.filter(initiative__category__scheme__center=center)
    if year is not None:
        rows = rows.filter(fiscal_year=year)
    kept = list(rows.select_related("saved_by", "initiative__category__scheme__center"))
    then = {} if known_at is None else _as_known(center, kept, known_at)
    for row in kept:
        of_year = then.get(row.pk, _year_of(row))
        if of_year is not None:
            texts.setdefault(row.initiative_id, {})[row.fiscal_year] = of_year
    found: dict[int, list[Activity]] = {}
    activities = Initiative.objects.filter(category__scheme__center=center)
    for activity in activities.annotate(official=official_text("initiative", known_at)):
        of = texts.get(activity.pk, {})
        text, is_summary = (
            activity.official or activity.text,
            is_our_summary(activity.source, activity.official),
        )
        found.setdefault(activity.category_id, []).append(
            Activity(activity.pk, activity.code, text, is_summary, activity.is_new, of)
        )
    return found


def official_text_of(initiative: Initiative) -> str:
    """The text that both sides confirmed; blank where its own is a summary."""
    found = Initiative.objects.filter(pk=initiative.pk)
    return str(found.values_list(official_text("initiative", None), flat=True).get())


def _as_known(
    center: Center, rows: Iterable[InitiativeYear], known_at: date
) -> dict[int, YearOfActivity | None]:
    """Of the rows saved after the day, what they said at its end: a row holds the newest texts, the history the rest."""
    later = {row.history_key(): row for row in rows if clock.day_of(row.saved_at) > known_at}
    found: dict[int, YearOfActivity | None] = {row.pk: None for row in later.values()}
    if not later:
        return found
    events = HistoryEvent.objects.filter(center=center.code, action=SAVE).order_by("at", "pk")
    for event in events:
        row = later.get(event.subject)
        if row is None or clock.day_of(event.at) > known_at:
            continue
        before = found[row.pk]
        texts = {"plan": before.plan, "result": before.result} if before else {"plan": "", "result": ""}
        texts |= event.after
        version = before.version + 1 if before else 1
        found[row.pk] = YearOfActivity(
            row.fiscal_year, texts["plan"], texts["result"], version, event.at, event.actor_name
        )
    return found


def _year_of(row: InitiativeYear) -> YearOfActivity:
    return YearOfActivity(row.fiscal_year, row.plan, row.result, row.version, row.saved_at, row.saved_by.name)


# -- What serves a goal --


@dataclass(frozen=True, slots=True)
class Serving:
    """A category that serves a goal, with its activities and what they planned and reached in one year."""

    scheme_code: str
    category_code: str
    title: str
    year: FiscalYear
    activities: tuple[Activity, ...]

    @property
    def lines(self) -> list[tuple[Activity, YearOfActivity | None]]:
        """Each activity with what is kept of the year."""
        return [(activity, activity.in_year(self.year)) for activity in self.activities]


def year_beside(plan: Scorecard, *, today: date) -> FiscalYear:
    """The fiscal year whose activities stand beside a plan: the running one, or the plan's nearest to it."""
    return min(max(FiscalYear.of(today), plan.first_year), plan.last_year)


def serving(center: Center, goal_ids: Iterable[int], year: FiscalYear) -> dict[int, tuple[Serving, ...]]:
    """What serves each of the goals in the year, by the goal's id, in three queries.

    What serves a goal serves those that continue it, as long as its scheme holds.
    """
    wanted = _with_earlier(center, goal_ids)
    links = InitiativeCategory.goals.through.objects.filter(
        goal__in={earlier for of in wanted.values() for earlier in of},
        initiativecategory__scheme__first_year__lte=year,
    )
    rows = [
        row
        for row in links.order_by(
            "initiativecategory__scheme__position",
            "initiativecategory__position",
            blanks_first("initiativecategory__initiatives__position"),
            blanks_first("initiativecategory__initiatives__pk"),
        ).values(
            "goal_id",
            last_year=F("initiativecategory__scheme__last_year"),
            scheme=F("initiativecategory__scheme__code"),
            category=F("initiativecategory__code"),
            mark=F("initiativecategory__mark"),
            label=F("initiativecategory__label"),
            initiative=F("initiativecategory__initiatives__pk"),
            code=F("initiativecategory__initiatives__code"),
            text=F("initiativecategory__initiatives__text"),
            source=F("initiativecategory__initiatives__source"),
            official=official_text("initiative", None, at="initiativecategory__initiatives__pk"),
            is_new=F("initiativecategory__initiatives__is_new"),
        )
        if row["last_year"] is None or row["last_year"] >= year
    ]
    kept = InitiativeYear.objects.filter(
        fiscal_year=year, initiative__in={row["initiative"] for row in rows if row["initiative"]}
    ).select_related("saved_by")
    texts = {row.initiative_id: {row.fiscal_year: _year_of(row)} for row in kept}
    found = {
        goal: _servings([row for row in rows if row["goal_id"] in of], texts, year)
        for goal, of in wanted.items()
    }
    return {goal: servings for goal, servings in found.items() if servings}


def _with_earlier(center: Center, goal_ids: Iterable[int]) -> dict[int, set[int]]:
    """Each goal with the goals that it continues, directly or through others."""
    before = dict(Goal.objects.filter(plan__center=center).order_by().values_list("pk", "continues_id"))
    found: dict[int, set[int]] = {}
    for goal in goal_ids:
        chain: set[int] = set()
        here: int | None = goal
        while here is not None and here not in chain:
            chain.add(here)
            here = before.get(here)
        found[goal] = chain
    return found


def _servings(
    rows: Iterable[Mapping[str, Any]], texts: dict[int, dict[FiscalYear, YearOfActivity]], year: FiscalYear
) -> tuple[Serving, ...]:
    titles: dict[tuple[str, str], str] = {}
    activities: dict[tuple[str, str], dict[int, Activity]] = {}
    for row in rows:
        place = row["scheme"], row["category"]
        titles[place] = f"{row['mark']} {row['label']}".strip()
        of_category, key = activities.setdefault(place, {}), row["initiative"]
        if key is not None:
            text = row["official"] or row["text"]
            is_summary = is_our_summary(row["source"], row["official"])
            of_category[key] = Activity(key, row["code"], text, is_summary, row["is_new"], texts.get(key, {}))
    return tuple(
        Serving(scheme, category, title, year, tuple(activities[scheme, category].values()))
        for (scheme, category), title in titles.items()
    )
