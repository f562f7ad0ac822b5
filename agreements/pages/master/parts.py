"""What stands in an agreement beside its obligations, as its master page lists it: parties, support measures, summaries."""

from dataclasses import dataclass
from typing import Any

from agreements.duties import texts
from agreements.editions import editions
from agreements.editions.editions import ArticlePart
from agreements.models import (
    Agreement,
    AgreementKind,
    Edition,
    Party,
    Provision,
    ProvisionKind,
    SupportMeasure,
    as_amended,
)
from agreements.pages.master import summary_actions
from agreements.support.texts import large
from iconm_portal.display import template_tags
from iconm_portal.models import Side
from iconm_portal.values import clock


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A side of the agreement, and how the agreement names it, where that is entered."""

    side: Side
    party: Party | None


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A support measure of the agreement, in words."""

    measure: SupportMeasure
    provision: str
    kind: str
    years: str
    limit: str
    amount: str  # of all its years together; empty where none is fixed


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A provision of the first edition: its place in words, and how deep it stands."""

    provision: Provision
    place: str
    depth: int
    can_add_below: bool


def of(agreement: Agreement) -> dict[str, Any]:
    """All parts, for the template. A fixed number of queries."""
    edition = summary_actions.edition_of(agreement)
    why_fixed = summary_actions.why_fixed(edition)
    return {
        "parties": _parties(agreement),
        "measures": _measures(agreement),
        "can_add_measures": agreement.kind != AgreementKind.ANNUAL,
        "summaries": [row for row in _summaries(edition) if row.provision.summary or not why_fixed],
        "why_fixed": why_fixed,
    }


def _parties(agreement: Agreement) -> list[PartyRow]:
    held = {party.side: party for party in agreement.parties.all()}
    return [PartyRow(side, held.get(side)) for side in (Side.SUPPORTER, Side.OPERATOR)]


def _measures(agreement: Agreement) -> list[MeasureRow]:
    today = clock.today()
    stored = agreement.support_measures.select_related("provision").prefetch_related("changes__edition")
    return [
        MeasureRow(
            one,
            texts.provision_name(one.provision),
            one.get_kind_display(),
            template_tags.fiscal_years_short(one.first_year, one.last_year),
            one.get_limit_rule_display(),
            large(one.total) if one.total is not None else "",
        )
        for one in as_amended(list(stored), day=today, known_at=today)
    ]


def _summaries(edition: Edition) -> list[SummaryRow]:
    rows = summary_actions.provisions_of(edition)
    return [
        SummaryRow(part.provision, _place(part), part.depth, part.provision.kind.takes_parts)
        for part in editions.parts(rows)
    ]


def _place(part: ArticlePart) -> str:
    """An article's unnumbered first paragraph is told apart from the article, as where something is tied to it."""
    row = part.provision
    is_unnumbered = row.kind is ProvisionKind.PARAGRAPH and not row.label
    return texts.provision_name(row) if is_unnumbered else part.place
