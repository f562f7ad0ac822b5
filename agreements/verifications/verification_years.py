"""The years of each kind of verification: which ones the agreements ask for, and how far each is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agreements.endings import free_use, resting
from agreements.instruments import agreements as instrument_agreements
from agreements.instruments.state import Facts
from agreements.models import LandJudgement, Obligation, Verification, VerificationKind, in_force
from agreements.verifications.verification_access import may_begin, rows_of, visible
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class YearLine:
    """A fiscal year of a kind; `row` is None where nothing was begun, or nothing that the person may know of."""

    kind: VerificationKind
    year: FiscalYear
    row: Verification | None
    is_hidden: bool  # somebody is at it, but the person may not read it
    may_begin: bool
    has_ended: bool = False  # no agreement asks for it any more, nor was it settled or handed in before
    judged: LandJudgement | None = None  # the city's judgement that holds
    anew: Verification | None = None  # the next revision, while it is being written or answered

    @property
    def is_page(self) -> bool:
        """Whether there is something behind the link."""
        return self.row is not None or self.may_begin


@dataclass(frozen=True, slots=True)
class KindOfVerification:
    """A kind with the obligations that ask for it, and its years, the latest first."""

    kind: VerificationKind
    obligations: tuple[Obligation, ...]
    lines: tuple[YearLine, ...]
    is_asked: bool = True  # whether an agreement that is concluded and not over asks for it


def kinds(user: User, center: Center, *, today: date) -> tuple[KindOfVerification, ...]:
    """All three kinds with their years, in a fixed number of queries."""
    asked, facts = obligations(center), instrument_agreements.of_center(center)
    judged = free_use.load(center, known_at=today)
    everything = list(rows_of(center))
    holding = list(in_force(center, everything, known_at=today))
    resting.mark(center, holding, known_at=today)
    rows = {(row.kind, row.fiscal_year): row for row in holding}
    anew = {(row.kind, row.fiscal_year): row for row in everything if row.is_anew and not row.is_settled}
    readable = {row.pk for row in visible(user, center)}
    found = []
    for kind in VerificationKind:
        open_ones = set(open_years(kind, asked, today=today, facts=facts))
        past = set(open_years(kind, asked, today=today, facts=facts, even_ended=True)) - open_ones
        years = open_ones | {year for of, year in rows if of == kind}
        begins = may_begin(user, center, kind)
        lines = []
        for year in sorted(years, reverse=True):
            row = rows.get((kind, year))
            shown = row if row is not None and row.pk in readable else None
            lines.append(
                YearLine(
                    kind,
                    year,
                    shown,
                    is_hidden=row is not None and shown is None,
                    may_begin=begins and row is None,
                    has_ended=year in past and not (row and (row.is_settled or row.is_under_review)),
                    judged=judged.of(shown) if shown else None,
                    anew=again if (again := anew.get((kind, year))) and again.pk in readable else None,
                )
            )
        found.append(
            KindOfVerification(
                kind,
                tuple(one for one in asked if one.verification == kind),
                tuple(lines),
                is_asked=any(
                    one.verification == kind
                    and facts[one.agreement_id].is_concluded(today)
                    and not facts[one.agreement_id].has_ended(today)
                    for one in asked
                ),
            )
        )
    return tuple(found)


def obligations(center: Center) -> list[Obligation]:
    """The obligations that ask for a verification, with agreement and provision."""
    rows = Obligation.objects.filter(agreement__center=center).exclude(verification="")
    return list(rows.select_related("agreement", "provision").order_by("agreement__position", "position"))


def open_years(
    kind: VerificationKind,
    asked: Sequence[Obligation],
    *,
    today: date,
    facts: Mapping[int, Facts] | None = None,
    even_ended: bool = False,
) -> tuple[FiscalYear, ...]:
    """The fiscal years that can be verified: those within the time of an agreement that is concluded and not over, as far
    as they have ended. Nothing is verified under a draft, and nothing more under what has ended.

    The effects of the running year can be judged too, for no article says when in the year the city does so.
    `facts` saves queries; `even_ended`: also where the agreement is over, of what was handed in before.
    """
    own = [obligation for obligation in asked if obligation.verification == kind]
    if facts is None:
        facts = instrument_agreements.linked([obligation.agreement for obligation in own])
    last = FiscalYear.of(today) - 1 if kind.is_joint else FiscalYear.of(today)
    years: set[FiscalYear] = set()
    for obligation in own:
        known = facts[obligation.agreement_id]
        if not known.is_concluded(today) or (known.has_ended(today) and not even_ended):
            continue
        first = obligation.first_year or FiscalYear.of(known.starts_on)
        ends = [last, *([obligation.last_year] if obligation.last_year else [])]
        if (last_day := known.last_day(today)) is not None:
            ends.append(FiscalYear.of(last_day))
        if first <= min(ends):
            years.update(FiscalYear.range(first, min(ends)))
    return tuple(sorted(years))


def is_open(
    center: Center, kind: VerificationKind, year: FiscalYear, *, today: date, even_ended: bool = False
) -> bool:
    """Whether the year can be verified today."""
    return year in open_years(kind, obligations(center), today=today, even_ended=even_ended)
