"""The articles of an agreement's wording with everything that rests on each: obligations and support measures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agreements.editions import editions
from agreements.editions.obligations import rules
from agreements.editions.provisions import lineage
from agreements.models import Edition, Obligation, Provision, SupportMeasure


@dataclass(frozen=True, slots=True)
class Resting:
    """An article with the obligations of all its parts, and the measures granted under it."""

    article: editions.Article
    obligations: tuple[Obligation, ...]
    measures: tuple[SupportMeasure, ...]


def load(edition: Edition | None, measures: Iterable[SupportMeasure]) -> tuple[Resting, ...]:
    """In the order of the wording; nothing without one. Obligations come with what amendments made of them."""
    if edition is None:
        return ()
    granted = list(measures)
    articles = editions.read(edition).articles
    every = [part for article in articles for part in (article.head, *article.parts)]
    rows = [part.provision for part in every]
    rules.load_changes([one for part in every for one in part.obligations])
    known = lineage.load([edition.agreement_id]) if edition.number > 1 else lineage.Lineage()
    now = known.places(rows)
    found = []
    for article in articles:
        parts = (article.head, *article.parts)
        own = {part.provision.pk for part in parts}
        found.append(
            Resting(
                article,
                tuple(dict.fromkeys(obligation for part in parts for obligation in part.obligations)),
                tuple(one for one in granted if _place(one, now) in own),
            )
        )
    return tuple(found)


def _place(measure: SupportMeasure, now: Mapping[int, Provision]) -> int | None:
    provision = now.get(measure.provision_id or 0)
    return provision.pk if provision else None
