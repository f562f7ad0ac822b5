"""The reference report's agreements (T2, T6, T8, T9) from `agreements/reference/`."""

from collections import defaultdict
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
from iconm_portal.imports.reference_files import Loader, Table
from iconm_portal.imports.reference_lines import ReferenceLine, whole
from iconm_portal.models import ProposalState
from iconm_portal.values import partial_date

FOLDER = Path(__file__).resolve().parent.parent / "reference"


def _provisions(loader: Loader, folder: Path) -> None:
    """A first edition of each agreement in the file, with every article in our own words (or none yet: a line without key).

    Numbers and order are set once and not compared: with an imported wording they are those of the official text. A
    provision that an imported edition does not have is reported; adding it would falsify the text.
    """
    by_agreement: dict[Agreement, list[tuple[ReferenceLine, Provision]]] = defaultdict(list)
    for line, provision, _names in loader.read(folder, PROVISIONS):
        agreement = loader.named(Agreement, line, "agreement")
        by_agreement[agreement].append((line, provision))
    for agreement, read in by_agreement.items():
        edition = _first_edition(loader, agreement, read)
        is_official = bool(edition.imported_from) or edition.imported_at is not None or edition.is_confirmed
        held = loader.rows(Provision)
        for line, provision in read:
            codes = (agreement.code, provision.key)
            if not provision.key:
                continue
            if codes in held:
                loader.result.compare(held[codes], provision, ("kind", "heading", "summary"), codes)
            elif is_official:
                loader.result.differ(Provision, codes, "not in the edition's wording")
            else:
                provision.edition = edition
                provision.parent = loader.find(Provision, agreement.code, line.cell("parent"))
                provision.save()
                loader.result.added += 1
                held[codes] = provision


def _first_edition(
    loader: Loader, agreement: Agreement, read: list[tuple[ReferenceLine, Provision]]
) -> Edition:
    line = read[0][0]
    edition = Edition(
        agreement=agreement, number=1, in_force_from=agreement.starts_on, source=line.cell("source")
    )
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
)
TABLES: tuple[Table[Any], ...] = (
    Table("agreements.csv", Agreement, ("code",), action="agreement.add"),
    Table("parties.csv", Party, ("agreement__code", "side"), action="party.add", subject="agreement"),
    Table("posts.csv", Post, ("code",), action="post.add", subject="center"),
    # The first two agreements only: the two drafts are unsigned, and of the contract no date is printed.
    Table(
        "conclusions.csv",
        Conclusion,
        ("agreement__code",),
        columns={"known_from": lambda line: partial_date.first_day(line.cell("concluded_on"))},
        fixed={"revision": 1, "edition": None, "state": ProposalState.CONFIRMED},
        action="agreement.conclude",
        subject="agreement",
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
    ),
    Table(
        "required_documents.csv",
        RequiredDocument,
        ("obligation__agreement__code", "obligation__code", "code"),
        columns={"obligation": ("agreement", "obligation")},
        action="required_document.add",
        subject="obligation",
    ),
    Table(
        "support_measures.csv",
        SupportMeasure,
        ("code",),
        columns={"provision": ("agreement", "provision"), "total": whole("total")},
        beside=("unit", "scale"),
        may_be_gone=("provision",),
        action="support_measure.add",
    ),
    # First revisions only; what was changed in the portal stands above them.
    Table(
        "support_amounts.csv",
        SupportAmount,
        ("measure__code", "fiscal_year", "stage"),
        columns={"amount": whole("value")},
        beside=("value", "unit", "scale"),
        fixed={"revision": 1},
        action="support_amount.add",
    ),
    Table("criteria.csv", Criterion, ("code",), action="criterion.add", subject="center"),
    Table("chronology.csv", ChronologyEntry, ("code",), action="chronology.add", subject="center"),
    Table("facts.csv", ReportedFact, ("code",), action="reported_fact.add", subject="center"),
)
