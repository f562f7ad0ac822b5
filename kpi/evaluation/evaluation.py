"""The yearly 効果検証 beside what the portal knows of the year: KPI results, duties, contributions, other verifications.

It stands on the top floor because it combines the apps; what is written and judged goes through `agreements.actions`.
"""

from dataclasses import dataclass
from datetime import date

from agreements.duties import duty_status
from agreements.duties.duty_status import Fulfilment
from agreements.models import Verification, VerificationKind, in_force
from agreements.support import support
from agreements.support.support import Measure, YearOfMeasure
from agreements.verifications import verification
from agreements.verifications.verification import VerificationSheet
from agreements.verifications.verification_access import JOINT_KINDS
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives import initiatives
from kpi.initiatives.initiatives import Scheme
from kpi.plans import scorecard
from kpi.plans.achievement import Counts
from kpi.plans.scorecard import Cell, Row, Scorecard


@dataclass(frozen=True, slots=True)
class PlanResults:
    """A plan's results in the year."""

    plan: Scorecard
    counts: Counts
    cells: tuple[tuple[Row, Cell], ...]


@dataclass(frozen=True, slots=True)
class Granted:
    """What a contribution came to in the year."""

    measure: Measure
    year: YearOfMeasure


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of a fiscal year as one person sees it."""

    sheet: VerificationSheet
    known_at: date
    results: tuple[PlanResults, ...]
    duties: tuple[Fulfilment, ...]
    contributions: tuple[Granted, ...]
    initiatives: tuple[
        Scheme, ...
    ]  # as they are kept today: their texts have a history, but no day of knowledge
    verifications: tuple[
        Verification, ...
    ]  # of report and settlement and of KPIs, as far as they are settled


def load(user: User, center: Center, year: FiscalYear, *, today: date) -> Evaluation | None:
    """The year's evaluation; None where there is nothing that the person may read or begin.

    What was judged is shown beside what was known on the day of the judgement that holds, not beside what is known today: that
    is what it rests on, a correction of an earlier one too.
    """
    sheet = verification.sheet(user, center, VerificationKind.EFFECT, year, today=today)
    if sheet is None:
        return None
    known_at = sheet.judgement.known_from if sheet.judgement else today
    measures = support.load(center, known_at=known_at)
    return Evaluation(
        sheet=sheet,
        known_at=known_at,
        results=_results(center, year, known_at),
        duties=duty_status.concerning(center, year, known_at=known_at),
        contributions=tuple(
            Granted(measure, of_year)
            for measure in measures
            if (of_year := measure.year(year)) is not None and of_year.fact is not None
        ),
        initiatives=initiatives.in_year(initiatives.load(center, year=year), year, today=today),
        verifications=tuple(
            in_force(
                center,
                Verification.objects.filter(
                    center=center,
                    kind__in=JOINT_KINDS,
                    fiscal_year=year,
                    state=ReviewState.ACCEPTED,
                    known_from__lte=known_at,
                ),
                known_at=known_at,
            )
        ),
    )


def _results(center: Center, year: FiscalYear, known_at: date) -> tuple[PlanResults, ...]:
    """The results of every plan that runs in the year, the one begun last first."""
    board = scorecard.load(center, known_at=known_at)
    return tuple(
        PlanResults(plan, plan.counts(year), tuple((row, row.cell(year)) for row in plan.rows))
        for plan in reversed(board.plans)
        if plan.first_year <= year <= plan.last_year
    )
