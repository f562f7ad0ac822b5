"""The reference report's agreements (T2, T6, T8, T9) from `agreements/reference/`."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

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
    ReportedFact,
    RequiredDocument,
    SupportAmount,
    SupportMeasure,
)
from iconm_portal.imports.reference_files import Loader, Table, clean
from iconm_portal.imports.reference_lines import ReferenceLine, TableFiles, whole
from iconm_portal.models import ProposalState
from iconm_portal.values import partial_date
from iconm_portal.values.money import MoneyUnit

FOLDER = Path(__file__).resolve().parent.parent / "reference"


def _known_from(line: ReferenceLine) -> object:
    """As the line says, or else the first day on which it may have been concluded."""
    concluded_on = line.cell("concluded_on")
    if said := line.cells.get("known_from"):
        return date.fromisoformat(said)
    return partial_date.first_day(concluded_on) if partial_date.is_valid(concluded_on) else None


def _provisions(loader: Loader, files: TableFiles) -> None:
    """A first edition of each agreement in the file, with every article in our own words (or none yet: a line without key).

    Numbers and order are set once and not compared: with an imported wording they are those of the official text. A
    provision that an imported edition does not have is reported; adding it would falsify the text.
    """
    by_agreement: dict[Agreement, list[tuple[ReferenceLine, Provision]]] = defaultdict(list)
    for line, provision, _names in loader.read(files, PROVISIONS):
        with loader.noting(PROVISIONS, line):
            agreement = loader.named(Agreement, line, "agreement")
            by_agreement[agreement].append((line, provision))
    for agreement, read in by_agreement.items():
        edition = _first_edition(loader, agreement, read)
        is_official = bool(edition.imported_from) or edition.imported_at is not None or edition.is_confirmed
        for line, provision in read:
            if not provision.key:
                continue
            with loader.noting(PROVISIONS, line):
                _put_provision(loader, edition, is_official, line, provision)


def _put_provision(
    loader: Loader, edition: Edition, is_official: bool, line: ReferenceLine, provision: Provision
) -> None:
    codes, held = (edition.agreement.code, provision.key), loader.rows(Provision)
    provision.edition = edition
    loader.refuse_repeated(PROVISIONS, provision, line)
    if codes in held:
        loader.result.compare(held[codes], provision, ("kind", "heading", "summary"), codes)
    elif is_official:
        loader.result.differ(Provision, codes, "not in the edition's wording")
    else:
        if line.cell("parent"):
            provision.parent = loader.named(Provision, line, "agreement", "parent")
        clean(provision, line, PROVISIONS)
        provision.save()
        loader.result.added += 1
        held[codes] = provision


def _first_edition(
    loader: Loader, agreement: Agreement, read: list[tuple[ReferenceLine, Provision]]
) -> Edition:
    line = read[0][0]
    source = line.cells.get("source") or loader.source
    edition = Edition(agreement=agreement, number=1, in_force_from=agreement.starts_on, source=source)
    after = {
        "in_force_from": edition.in_force_from,
        "provisions": sum(bool(provision.key) for _line, provision in read),
    }
    return loader.add_or_compare(EDITIONS, line, edition, ("in_force_from", "source"), after)


EDITIONS = Table("provisions.csv", Edition, ("agreement__code",), fixed={"number": 1}, action="edition.add")
PROVISIONS = Table(
    "provisions.csv",
    Provision,
    ("edition__agreement__code", "key"),
    columns={"parent": lambda _line: None},
    beside=("agreement",),
    fixed={"edition__number": 1},
    put=_provisions,
    prints=("agreement", "key", "parent", "kind", "position", "label", "heading", "summary"),
    writes={
        "agreement": lambda row: row.edition.agreement.code,
        "parent": lambda row: row.parent.key if row.parent else "",
        "source": lambda row: row.edition.source,
    },
)
TABLES: tuple[Table[Any], ...] = (
    Table(
        "agreements.csv",
        Agreement,
        ("code",),
        action="agreement.add",
        prints=(
            *(
                "code",
                "kind",
                "position",
                "title",
                "short_title",
                "parent",
                "replaces",
                "starts_on",
                "ends_on",
            ),
            *("fiscal_year", "contribution", "review_on", "review_reason", "legal_basis", "summary"),
        ),
    ),
    Table(
        "parties.csv",
        Party,
        ("agreement__code", "side"),
        action="party.add",
        subject="agreement",
        prints=("agreement", "side", "name", "address", "representative_post", "representative"),
        writes={"source": lambda row: row.agreement.source},
    ),
    Table(
        "posts.csv",
        Post,
        ("code",),
        action="post.add",
        subject="center",
        prints=("code", "position", "title", "task"),
    ),
    # The first two agreements only: the two drafts are unsigned, and of the contract no date is printed.
    Table(
        "conclusions.csv",
        Conclusion,
        ("agreement__code",),
        columns={"known_from": _known_from},
        beside=("known_from",),
        fixed={"revision": 1, "edition": None, "state": ProposalState.CONFIRMED},
        action="agreement.conclude",
        subject="agreement",
        prints=("agreement", "concluded_on", "document_number", "known_from"),
    ),
    PROVISIONS,
    Table(
        "obligations.csv",
        Obligation,
        ("agreement__code", "code"),
        columns={"provision": ("agreement", "provision")},
        # An official wording may not have it.
        may_be_gone=("provision",),
        action="obligation.add",
        prints=(
            *("agreement", "code", "provision", "position", "title", "bound", "way", "timing"),
            *("due_month", "due_day", "due_year_offset", "due_on", "first_year", "last_year"),
            *("verification", "deed"),
        ),
    ),
    Table(
        "required_documents.csv",
        RequiredDocument,
        ("obligation__agreement__code", "obligation__code", "code"),
        columns={"obligation": ("agreement", "obligation")},
        action="required_document.add",
        subject="obligation",
        prints=("agreement", "obligation", "code", "position", "name"),
        writes={"source": lambda row: row.obligation.source},
    ),
    Table(
        "support_measures.csv",
        SupportMeasure,
        ("code",),
        columns={"provision": ("agreement", "provision"), "total": whole("total")},
        beside=("unit", "scale"),
        may_be_gone=("provision",),
        action="support_measure.add",
        prints=(
            *(
                "code",
                "agreement",
                "contract",
                "provision",
                "position",
                "kind",
                "title",
                "first_year",
                "last_year",
            ),
            *("total", "unit", "scale", "limit_rule", "conditions"),
        ),
        writes={
            "unit": lambda row: "" if row.total is None else MoneyUnit.YEN.value,
            "scale": lambda row: "" if row.total is None else 1,
        },
    ),
    Table(
        "support_amounts.csv",
        SupportAmount,
        ("measure__code", "fiscal_year", "stage", "revision"),
        columns={"amount": whole("value")},
        beside=("value", "unit", "scale"),
        action="support_amount.add",
        reason="reason",
        prints=(
            *(
                "measure",
                "fiscal_year",
                "stage",
                "revision",
                "value",
                "unit",
                "scale",
                "known_from",
                "reason",
            ),
        ),
        writes={
            "value": lambda row: row.amount,
            "unit": lambda _row: MoneyUnit.YEN.value,
            "scale": lambda _row: 1,
        },
    ),
    Table(
        "criteria.csv",
        Criterion,
        ("code",),
        action="criterion.add",
        subject="center",
        prints=("code", "position", "label"),
    ),
    Table(
        "chronology.csv",
        ChronologyEntry,
        ("code",),
        action="chronology.add",
        subject="center",
        prints=("code", "happened_on", "text", "agreement"),
    ),
    Table(
        "facts.csv",
        ReportedFact,
        ("code",),
        action="reported_fact.add",
        subject="center",
        prints=("code", "position", "heading", "text", "agreement", "measure"),
    ),
)
