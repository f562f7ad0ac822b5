"""The articles of an agreement's wording with everything that rests on each: obligations and support measures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from agreements.editions import editions
from agreements.editions.obligations import rules
from agreements.editions.provisions import lineage
from agreements.instruments.agreements import edition_on
from agreements.models import Edition, Obligation, ObligationChange, Provision, SupportMeasure
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class RestingObligation:
    """An obligation as it reads for a fiscal year, and what amendments make of it from a later one on."""

    obligation: Obligation
    is_dropped: bool
    later: tuple[ObligationChange, ...]


@dataclass(frozen=True, slots=True)
class Resting:
    """An article with the obligations of all its parts, and the measures granted under it."""

    article: editions.Article
    obligations: tuple[RestingObligation, ...]
    measures: tuple[SupportMeasure, ...]


def load(edition: Edition | None, measures: Iterable[SupportMeasure], *, today: date) -> tuple[Resting, ...]:
    """In the order of the wording, each obligation under the rule of this fiscal year; nothing without a wording."""
    if edition is None:
        return ()
    granted = list(measures)
    articles = editions.read(edition).articles
    rows = [part.provision for article in articles for part in (article.head, *article.parts)]
    every = [
        one for article in articles for part in (article.head, *article.parts) for one in part.obligations
    ]
    rules.fetch_changes(every, known_at=today)
    known = lineage.load([edition.agreement_id]) if edition.number > 1 else lineage.Lineage()
    now = known.places(rows)
    found = []
    for article in articles:
        parts = (article.head, *article.parts)
        own = {part.provision.pk for part in parts}
        found.append(
            Resting(
                article,
                tuple(
                    _resting(one, today)
                    for one in dict.fromkeys(obligation for part in parts for obligation in part.obligations)
                ),
                tuple(one for one in granted if _place(one, now) in own),
            )
        )
    return tuple(found)


def is_summary_old(obligation: Obligation, *, today: date) -> bool:
    """Whether an amendment has changed the provision on which it rests, and the summary has stayed. No query without an
    amendment that has come into force, where its agreement's editions are there."""
    edition = edition_on(list(obligation.agreement.editions.all()), today)
    if obligation.provision_id is None or edition is None or edition.number == 1:
        return False
    every = (part for article in editions.read(edition).articles for part in (article.head, *article.parts))
    return any(part.is_summary_old for part in every if obligation in part.obligations)


def _resting(obligation: Obligation, today: date) -> RestingObligation:
    year = FiscalYear.of(today)
    rule = rules.rule_of(obligation, year, known_at=today)
    changes = rules.settled_changes(obligation, known_at=today)
    return RestingObligation(
        rules.under(obligation, rule),
        rule.is_dropped,
        tuple(one for one in changes if one.from_year and one.from_year > year),
    )


def _place(measure: SupportMeasure, now: Mapping[int, Provision]) -> int | None:
    provision = now.get(measure.provision_id or 0)
    return provision.pk if provision else None
