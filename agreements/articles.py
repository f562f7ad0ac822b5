"""The articles of an edition with what rests on each: obligations and support measures. Three queries.

Obligations and measures keep pointing at the edition that they meant; here they are found again by the provision's key.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from agreements.models import Agreement, Edition, Obligation, Provision, ProvisionKind, SupportMeasure

_TOP = (ProvisionKind.ARTICLE, ProvisionKind.SUPPLEMENT)


@dataclass(frozen=True, slots=True)
class Below:
    """A paragraph, item or sub-item with something to read. `depth` is 0 right under the article."""

    provision: Provision
    depth: int


@dataclass(frozen=True, slots=True)
class Article:
    """An article (or a supplement) with everything under it and resting on it."""

    provision: Provision
    chapter: Provision | None
    below: tuple[Below, ...]
    obligations: tuple[Obligation, ...]
    measures: tuple[SupportMeasure, ...]


@dataclass(frozen=True, slots=True)
class Articles:
    """The articles in order, and the obligations that no article of this edition carries."""

    articles: tuple[Article, ...]
    elsewhere: tuple[Obligation, ...]


def load(agreement: Agreement, edition: Edition | None, measures: Iterable[SupportMeasure]) -> Articles:
    """What an agreement's page shows of its articles. `measures`: those granted under it, with provision."""
    provisions = list(edition.provisions.all()) if edition else []
    by_id = {provision.pk: provision for provision in provisions}
    by_key = {provision.key: provision for provision in provisions}
    below: dict[int, list[Below]] = defaultdict(list)
    for provision in provisions:
        above = _article(provision, by_id)
        if above is not None and provision is not above and (provision.summary or provision.text):
            below[above.pk].append(Below(provision, _depth(provision, above, by_id)))
    resting: dict[int, list[Obligation]] = defaultdict(list)
    elsewhere = []
    for obligation in agreement.obligations.select_related("provision"):
        above = _of_key(obligation.provision, by_key, by_id)
        if above is None:
            elsewhere.append(obligation)
        else:
            resting[above.pk].append(obligation)
    granted: dict[int, list[SupportMeasure]] = defaultdict(list)
    for measure in measures:
        above = _of_key(measure.provision, by_key, by_id)
        if above is not None:
            granted[above.pk].append(measure)
    return Articles(
        tuple(
            Article(
                provision=provision,
                chapter=by_id.get(provision.parent_id or 0),
                below=tuple(below[provision.pk]),
                obligations=tuple(resting[provision.pk]),
                measures=tuple(granted[provision.pk]),
            )
            for provision in provisions
            if provision.kind in _TOP and _article(provision, by_id) is provision
        ),
        tuple(elsewhere),
    )


def _article(provision: Provision, by_id: dict[int, Provision]) -> Provision | None:
    """The outermost article or supplement in which a provision stands; None for a chapter."""
    found, here = None, provision
    while True:
        if here.kind in _TOP:
            found = here
        if here.parent_id is None or here.parent_id not in by_id:
            return found
        here = by_id[here.parent_id]


def _depth(provision: Provision, above: Provision, by_id: dict[int, Provision]) -> int:
    depth, here = 0, provision
    while here.parent_id is not None and here.parent_id != above.pk:
        depth, here = depth + 1, by_id[here.parent_id]
    return depth


def _of_key(
    meant: Provision | None, by_key: dict[str, Provision], by_id: dict[int, Provision]
) -> Provision | None:
    """The article of this edition that holds the provision of that key, or the nearest one above it."""
    key = meant.key if meant else ""
    while key:
        if key in by_key:
            return _article(by_key[key], by_id)
        key = key.rpartition("/")[0]
    return None
