"""The reference report's agreements (T2, T6, T8, T9) from `agreements/reference/` into the database, by natural codes."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from django.db import models, transaction

from agreements.models import (
    Agreement,
    ChronologyEntry,
    Conclusion,
    Criterion,
    Edition,
    Obligation,
    Party,
    Post,
    Provision,
    RequiredDocument,
    SupportAmount,
    SupportMeasure,
)
from iconm_portal.history import history
from iconm_portal.history.history import Source, Traced
from iconm_portal.imports.reference_files import LoadResult, rows
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear

TABLES = Path(__file__).resolve().parent.parent / "reference"

Row = dict[str, str]
Value = TypeVar("Value")
Agreements = dict[str, Agreement]
Provisions = dict[tuple[str, str], Provision]  # by agreement and key, such as ("basic-r4", "art8/par2")


@transaction.atomic
def load(center: Center, result: LoadResult) -> None:
    """Load all of it for the center, in one transaction. A second run adds nothing and overwrites nothing."""
    agreements = _agreements(center, result)
    _parties(agreements, result)
    _posts(center, result)
    _conclusions(agreements, result)
    provisions = _provisions(agreements, result)
    _documents(_obligations(agreements, provisions, result), result)
    _amounts(_measures(center, agreements, provisions, result), result)
    _criteria(center, result)
    _chronology(center, agreements, result)


# -- Agreements --


def _agreements(center: Center, result: LoadResult) -> Agreements:
    """The file lists an agreement after the one it stands under and the one it replaces."""
    agreements: Agreements = {}
    as_printed = ("kind", "title", "short_title", "review_reason", "legal_basis", "summary", "source")
    for row in rows(TABLES / "agreements.csv"):
        facts = {name: row[name] for name in as_printed} | {
            "position": int(row["position"]),
            "parent": agreements.get(row["parent"]),
            "replaces": agreements.get(row["replaces"]),
            "starts_on": date.fromisoformat(row["starts_on"]),
            "ends_on": _if_printed(date.fromisoformat, row["ends_on"]),
            "review_on": _if_printed(date.fromisoformat, row["review_on"]),
        }
        agreement, added = result.add_or_compare(Agreement, {"center": center, "code": row["code"]}, facts)
        agreements[agreement.code] = agreement
        if added:
            _remember("agreement.add", agreement, center, row)
    return agreements


def _parties(agreements: Agreements, result: LoadResult) -> None:
    for row in rows(TABLES / "parties.csv"):
        agreement = agreements[row["agreement"]]
        facts = {name: row[name] for name in ("name", "address", "representative_post", "representative")}
        _party, added = result.add_or_compare(Party, {"agreement": agreement, "side": row["side"]}, facts)
        if added:
            _remember("party.add", agreement, agreement.center, row)


def _posts(center: Center, result: LoadResult) -> None:
    for row in rows(TABLES / "posts.csv"):
        facts = {name: row[name] for name in ("title", "task", "source")} | {"position": int(row["position"])}
        _post, added = result.add_or_compare(Post, {"center": center, "code": row["code"]}, facts)
        if added:
            _remember("post.add", center, center, row)


def _conclusions(agreements: Agreements, result: LoadResult) -> None:
    """The first two agreements only: the two drafts are unsigned, and of the contract no date is printed."""
    for row in rows(TABLES / "conclusions.csv"):
        agreement = agreements[row["agreement"]]
        facts = {name: row[name] for name in ("concluded_on", "source")}
        _conclusion, added = result.add_or_compare(Conclusion, {"agreement": agreement, "revision": 1}, facts)
        if added:
            _remember("agreement.conclude", agreement, agreement.center, row)


# -- Wording --


def _provisions(agreements: Agreements, result: LoadResult) -> Provisions:
    """A first edition of each agreement in provisions.csv, with every article in our own words."""
    by_agreement = defaultdict(list)
    for row in rows(TABLES / "provisions.csv"):
        by_agreement[row["agreement"]].append(row)
    provisions: Provisions = {}
    for code, lines in by_agreement.items():
        edition = _first_edition(agreements[code], lines, result)
        for key, provision in _provisions_of(edition, lines, result).items():
            provisions[code, key] = provision
    return provisions


def _first_edition(agreement: Agreement, lines: list[Row], result: LoadResult) -> Edition:
    facts = {"in_force_from": agreement.starts_on, "source": lines[0]["source"]}
    edition, added = result.add_or_compare(Edition, {"agreement": agreement, "number": 1}, facts)
    if added:
        after = {"in_force_from": edition.in_force_from, "provisions": len(lines), "source": edition.source}
        _remember("edition.add", edition, agreement.center, after)
    return edition


def _provisions_of(edition: Edition, lines: list[Row], result: LoadResult) -> dict[str, Provision]:
    """The edition's provisions by key, with those of the file added.

    Numbers and order are set once and not compared: with an imported wording they are those of the official text. A
    provision that an imported edition does not have is reported; adding it would falsify the text.
    """
    held = {provision.key: provision for provision in edition.provisions.all()}
    is_official = bool(edition.imported_from) or edition.imported_at is not None or edition.is_confirmed
    for row in lines:
        place = f"{row['agreement']}/{row['key']}"
        facts = {name: row[name] for name in ("kind", "heading", "summary")}
        if row["key"] in held:
            result.compare(held[row["key"]], {"place": place}, facts)
        elif is_official:
            result.differing.append(f"agreements.Provision {place}: not in the edition's wording")
        else:
            held[row["key"]] = Provision.objects.create(
                edition=edition,
                key=row["key"],
                parent=held.get(row["parent"]),
                position=int(row["position"]),
                label=row["label"],
                **facts,
            )
            result.added += 1
    return held


# -- Obligations --


def _obligations(
    agreements: Agreements, provisions: Provisions, result: LoadResult
) -> dict[tuple[str, str], Obligation]:
    obligations = {}
    for row in rows(TABLES / "obligations.csv"):
        agreement = agreements[row["agreement"]]
        facts = {
            name: row[name] for name in ("title", "bound", "way", "timing", "verification", "source")
        } | {
            "provision": provisions.get((row["agreement"], row["provision"])),
            "position": int(row["position"]),
            "due_month": _if_printed(int, row["due_month"]),
            "due_day": _if_printed(int, row["due_day"]),
            "due_year_offset": _if_printed(int, row["due_year_offset"]) or 0,
            "due_on": _if_printed(date.fromisoformat, row["due_on"]),
            "first_year": _if_printed(_fiscal_year, row["first_year"]),
        }
        key = {"agreement": agreement, "code": row["code"]}
        obligation, added = result.add_or_compare(Obligation, key, facts)
        obligations[row["agreement"], row["code"]] = obligation
        if added:
            _remember("obligation.add", obligation, agreement.center, row)
    return obligations


def _documents(obligations: dict[tuple[str, str], Obligation], result: LoadResult) -> None:
    for row in rows(TABLES / "required_documents.csv"):
        obligation = obligations[row["agreement"], row["obligation"]]
        facts = {"position": int(row["position"]), "name": row["name"]}
        key = {"obligation": obligation, "code": row["code"]}
        _document, added = result.add_or_compare(RequiredDocument, key, facts)
        if added:
            _remember("required_document.add", obligation, obligation.agreement.center, row)


# -- Support --


def _measures(
    center: Center, agreements: Agreements, provisions: Provisions, result: LoadResult
) -> dict[str, SupportMeasure]:
    measures = {}
    for row in rows(TABLES / "support_measures.csv"):
        facts = {name: row[name] for name in ("kind", "title", "limit_rule", "conditions", "source")} | {
            "agreement": agreements[row["agreement"]],
            "contract": agreements.get(row["contract"]),
            "provision": provisions.get((row["agreement"], row["provision"])),
            "position": int(row["position"]),
            "first_year": _fiscal_year(row["first_year"]),
            "last_year": _if_printed(_fiscal_year, row["last_year"]),
            "total": _yen(row["total"], row["scale"]) if row["total"] else None,
        }
        measure, added = result.add_or_compare(SupportMeasure, {"center": center, "code": row["code"]}, facts)
        measures[measure.code] = measure
        if added:
            _remember("support_measure.add", measure, center, row)
    return measures


def _amounts(measures: dict[str, SupportMeasure], result: LoadResult) -> None:
    """First revisions only; what was changed in the portal stands above them."""
    for row in rows(TABLES / "support_amounts.csv"):
        measure = measures[row["measure"]]
        key = {
            "measure": measure,
            "fiscal_year": _fiscal_year(row["fiscal_year"]),
            "stage": row["stage"],
            "revision": 1,
        }
        facts = {
            "amount": _yen(row["value"], row["scale"]),
            "known_from": date.fromisoformat(row["known_from"]),
            "source": row["source"],
        }
        amount, added = result.add_or_compare(SupportAmount, key, facts)
        if added:
            _remember("support_amount.add", amount, measure.center, row)


# -- Criteria and chronology --


def _criteria(center: Center, result: LoadResult) -> None:
    for row in rows(TABLES / "criteria.csv"):
        facts = {"position": int(row["position"]), "label": row["label"], "source": row["source"]}
        _criterion, added = result.add_or_compare(Criterion, {"center": center, "code": row["code"]}, facts)
        if added:
            _remember("criterion.add", center, center, row)


def _chronology(center: Center, agreements: Agreements, result: LoadResult) -> None:
    for row in rows(TABLES / "chronology.csv"):
        facts: dict[str, str | models.Model | None] = {
            "happened_on": row["happened_on"],
            "text": row["text"],
            "agreement": agreements.get(row["agreement"]),
            "source": row["source"],
        }
        key = {"center": center, "code": row["code"]}
        _entry, added = result.add_or_compare(ChronologyEntry, key, facts)
        if added:
            _remember("chronology.add", center, center, row)


# -- Cells --


def _remember(action: str, subject: Traced, center: Center, after: Mapping[str, object]) -> None:
    """The row as it was in the file, under its source instead of a person."""
    facts = {name: fact for name, fact in after.items() if name != "source" and fact != ""}
    history.record(
        by=Source(str(after["source"])), action=action, subject=subject, center=center, after=facts
    )


def _if_printed(read: Callable[[str], Value], cell: str) -> Value | None:
    """The cell's value; None where it is blank, because the report prints none."""
    return read(cell) if cell else None


def _fiscal_year(cell: str) -> FiscalYear:
    return FiscalYear(int(cell))


def _yen(value: str, scale: str) -> int:
    """A printed figure in whole yen: 1.1 (億円) at 100,000,000 is 110,000,000. ValueError for a part of a yen."""
    yen = Decimal(value) * int(scale)
    if yen != int(yen):
        raise ValueError(f"{value} × {scale} is not a whole number of yen")
    return int(yen)
