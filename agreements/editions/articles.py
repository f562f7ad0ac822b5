"""The articles of an agreement's wording with everything that rests on each: obligations and support measures."""

from collections.abc import Iterable
from dataclasses import dataclass

from agreements.editions import editions
from agreements.models import Edition, Obligation, Provision, SupportMeasure


@dataclass(frozen=True, slots=True)
class Resting:
    """An article with the obligations of all its parts, and the measures granted under it."""

    article: editions.Article
    obligations: tuple[Obligation, ...]
    measures: tuple[SupportMeasure, ...]


def load(edition: Edition | None, measures: Iterable[SupportMeasure]) -> tuple[Resting, ...]:
    """In the order of the wording; nothing without one. `measures` bring their provision with them."""
    if edition is None:
        return ()
    granted = list(measures)
    found = []
    for article in editions.read(edition).articles:
        parts = (article.head, *article.parts)
        places = {part.provision.key for part in parts}
        found.append(
            Resting(
                article,
                tuple(dict.fromkeys(obligation for part in parts for obligation in part.obligations)),
                tuple(measure for measure in granted if _key(measure.provision) in places),
            )
        )
    return tuple(found)


def _key(provision: Provision | None) -> str:
    return provision.key if provision else ""
