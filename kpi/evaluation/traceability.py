"""From each article to what came of it, and back: obligations, duties, documents, acceptance; and the plans, support
measures and verifications that rest on the article.

On the top floor, because the KPI plans stand there. One fiscal year at a time; a fixed number of queries, whatever the
number of articles, obligations and documents (one more for every amendment, as in `agreements.editions.editions`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.db.models import Count

from agreements.duties import calendar
from agreements.duties.duty_page import sees_content
from agreements.duties.items import Item
from agreements.editions import articles, editions
from agreements.endings import grants
from agreements.instruments import agreements
from agreements.instruments.agreements import AgreementOnDay
from agreements.models import Agreement, DutyDocument, Obligation, SupportMeasure, VerificationKind
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.ordering import blanks_first
from kpi.models import Plan


@dataclass(frozen=True, slots=True)
class Followed:
    """An obligation and what concerns the fiscal year of it: a duty with its documents, or the preview of one; none for
    what always holds. It may fall due in another year."""

    obligation: Obligation
    place: str  # 第8条第2項
    item: Item | None
    documents: tuple[DutyDocument, ...]
    are_hidden: bool = False  # what it holds now, the person may not read yet

    @property
    def title(self) -> str:
        """The obligation's title; of several requests of the year, which one it is."""
        return self.item.title if self.item else self.obligation.title

    @property
    def settled_by(self) -> str:
        """Who accepted, confirmed or decided it; empty where nobody has yet."""
        return self.item.settled_by if self.item else ""

    @property
    def settled_on(self) -> date | None:
        """The day from which that is known."""
        return self.item.settled_on if self.item else None


@dataclass(frozen=True, slots=True)
class ArticleTrace:
    """An article with all that rests on it."""

    key: str
    label: str
    heading: str
    obligations: tuple[Followed, ...]
    measures: tuple[SupportMeasure, ...]
    plans: tuple[Plan, ...]

    @property
    def is_bare(self) -> bool:
        """Whether nothing rests on it."""
        return not (self.obligations or self.measures or self.plans)

    @property
    def name(self) -> str:
        """第9条 事業報告書."""
        return f"{self.label} {self.heading}".strip()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many duties there are; `settled` those that are, `corrected` those of them of which something changed since. Those
    that an unsigned agreement would ask for are `drafts`, and nothing else."""

    number: int
    drafts: int
    settled: int
    corrected: int
    overdue: int


@dataclass(frozen=True)
class Trace:
    """An agreement's articles in a fiscal year. What names no article stands in `elsewhere`."""

    entry: AgreementOnDay
    year: FiscalYear
    years: tuple[FiscalYear, ...]
    articles: tuple[ArticleTrace, ...]
    elsewhere: ArticleTrace
    drafts: frozenset[int]  # of the measures, by key, those that rest on something that is not concluded

    @property
    def agreement(self) -> Agreement:
        return self.entry.agreement

    @cached_property
    def everything(self) -> tuple[ArticleTrace, ...]:
        """The articles on which something rests, then what names none."""
        return tuple(one for one in (*self.articles, self.elsewhere) if not one.is_bare)

    @property
    def documents(self) -> Iterator[tuple[DutyDocument, Followed, ArticleTrace]]:
        """Every document handed in, with the obligation that it fulfils and its article: the way back."""
        for article in self.everything:
            for followed in article.obligations:
                for document in followed.documents:
                    yield document, followed, article

    @property
    def counts(self) -> Counts:
        """The duties of the year, and how far they are."""
        items = [one.item for article in self.everything for one in article.obligations if one.item]
        settled = [item for item in items if item.is_settled]
        corrected = sum(bool(item.corrected_since) for item in settled)
        return Counts(
            number=sum(not item.is_draft for item in items),
            drafts=sum(item.is_draft for item in items),
            settled=len(settled),
            corrected=corrected,
            overdue=sum(item.is_overdue for item in items),
        )


def entries(user: User, center: Center, *, today: date) -> tuple[AgreementOnDay, ...]:
    """The agreements that the person may see, in the order in which they are read."""
    return agreements.load(center, day=today).seen_by(user).entries


def load(
    user: User, center: Center, code: str, *, today: date, year: FiscalYear | None = None
) -> Trace | None:
    """The agreement's trace in the year, at first the running one; None for what the person may not see."""
    on_day = agreements.load(center, day=today)
    entry = on_day.seen_by(user).by_code.get(code)
    if entry is None:
        return None
    years = _years(entry, today)
    if year is None:
        year = min(max(FiscalYear.of(today), years[0]), years[-1])
    followed = _followed(user, center, entry.agreement, year, today)
    plans = tuple(
        Plan.objects.filter(center=center, under=entry.agreement)
        .annotate(number=Count("indicators"))
        .order_by("first_year", "pk")
    )
    resting = articles.load(_edition(entry, today), entry.measures)
    found = tuple(_article(one, followed, plans) for one in resting)
    shown = {one.obligation.pk for article in found for one in article.obligations}
    granted = {measure.pk for article in found for measure in article.measures}
    placed = {plan.pk for article in found for plan in article.plans}
    elsewhere = ArticleTrace(
        key="elsewhere",
        label="",
        heading="",
        obligations=tuple(
            one for all_ in followed.values() for one in all_ if one.obligation.pk not in shown
        ),
        measures=tuple(measure for measure in entry.measures if measure.pk not in granted),
        plans=tuple(plan for plan in plans if plan.pk not in placed),
    )
    facts = {one.agreement.pk: one.facts for one in on_day.entries}
    drafts = frozenset(
        measure.pk for measure in entry.measures if not grants.is_concluded(measure, facts, today)
    )
    return Trace(entry, year, years, found, elsewhere, drafts)


def _years(entry: AgreementOnDay, today: date) -> tuple[FiscalYear, ...]:
    """From the agreement's start to its end, or to the year after this one: its duties are due early."""
    first = FiscalYear.of(entry.agreement.starts_on)
    last = FiscalYear.of(today) + 1
    if entry.last_day is not None:
        last = min(last, FiscalYear.of(entry.last_day))
    return FiscalYear.range(first, max(first, last))


def _edition(entry: AgreementOnDay, today: date) -> editions.Edition | None:
    seen = [edition for edition in entry.editions if edition.number == 1 or edition.is_confirmed]
    return agreements.edition_on(seen, today)


def _followed(
    user: User, center: Center, agreement: Agreement, year: FiscalYear, today: date
) -> dict[int, list[Followed]]:
    """All obligations of the agreement by key, with what concerns the year of each: nothing, a duty, or several requests."""
    programme = calendar.load(center, user, year, today=today)
    items: dict[int, list[Item]] = defaultdict(list)
    for item in programme.items:
        if item.fiscal_year == year and item.agreement.pk == agreement.pk:
            items[item.obligation.pk].append(item)
    of_year = [item for found in items.values() for item in found]
    documents = _documents(user, center, of_year)
    hidden = {
        item.duty.pk
        for item in of_year
        if item.duty is not None and not sees_content(item.duty, user, center)
    }
    rows = Obligation.objects.filter(agreement=agreement).select_related("agreement", "provision")
    return {
        row.pk: [
            Followed(
                row,
                "",
                item,
                tuple(documents.get(item.duty.pk, ())) if item and item.duty else (),
                are_hidden=bool(item and item.duty and item.duty.pk in hidden),
            )
            for item in _in_turn(items.get(row.pk, ()))
        ]
        for row in rows
    }


def _in_turn(items: Iterable[Item]) -> list[Item | None]:
    """Several requests in their order; one nothing where the year has none."""
    found: list[Item | None] = [*sorted(items, key=lambda one: one.number)]
    return found or [None]


def _documents(user: User, center: Center, items: Iterable[Item]) -> dict[int, list[DutyDocument]]:
    """What was handed in, by duty, as far as the person sees what it holds now."""
    seen = [item.duty.pk for item in items if item.duty is not None and sees_content(item.duty, user, center)]
    found = defaultdict(list)
    rows = DutyDocument.objects.filter(duty__in=seen).select_related("file", "required", "handed_in_by")
    for row in rows.order_by(blanks_first("required__position"), "-version", "pk"):
        found[row.duty_id].append(row)
    if allowed(user, center, Right.SEE_SUBMITTED):
        return found
    return {duty: _last_versions(documents) for duty, documents in found.items()}


def _last_versions(documents: list[DutyDocument]) -> list[DutyDocument]:
    """Whoever only looks reads the last version of each; the latest comes first."""
    last: dict[object, DutyDocument] = {}
    for document in documents:
        last.setdefault(document.required_id or f"other {document.pk}", document)
    return list(last.values())


def _article(
    resting: articles.Resting, followed: dict[int, list[Followed]], plans: tuple[Plan, ...]
) -> ArticleTrace:
    provision = resting.article.head.provision
    places = {
        obligation.pk: part.place
        for part in (resting.article.head, *resting.article.parts)
        for obligation in part.obligations
    }
    obligations = tuple(
        replace(one, place=places.get(row.pk, ""))
        for row in resting.obligations
        for one in followed.get(row.pk, ())
    )
    # The goals and indicators are set and verified under the article that asks for their verification.
    sets_goals = any(one.obligation.verification == VerificationKind.KPI for one in obligations)
    return ArticleTrace(
        key=provision.key.replace("/", "-"),
        label=provision.label,
        heading=provision.heading,
        obligations=obligations,
        measures=resting.measures,
        plans=plans if sets_goals else (),
    )
