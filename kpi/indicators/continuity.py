"""The life of an indicator through the plans: stretches of years that count the same thing.

Pure. A break in definition begins a new stretch; nothing is joined or compared across it. Within a stretch plans
follow one another, and one year may stand in two of them: as the last of the one and as the baseline of the next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from iconm_portal.values.fiscal import FiscalYear
from kpi.plans.scorecard import Cell, Segment


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell and the segment it stands in."""

    segment: Segment
    cell: Cell


@dataclass(frozen=True, slots=True)
class YearOfLife:
    """What a stretch knows of a year: the cell with the value (or without one), and the cell with the target.

    They can come from two plans: a baseline stands in the last year of the plan before, which has the target.
    """

    actual: Placed
    target: Placed | None

    @property
    def has_own_value(self) -> bool:
        return self.actual.cell.value is not None and not self.actual.cell.is_baseline


Stretch = dict[FiscalYear, YearOfLife]


def stretches(life: Iterable[Segment]) -> list[Stretch]:
    """The stretches in order, each with its years in order."""
    groups: list[list[Segment]] = []
    for segment in life:
        if not groups or segment.breaks_before:
            groups.append([])
        groups[-1].append(segment)
    return [_joined(group) for group in groups]


def _joined(segments: Sequence[Segment]) -> Stretch:
    """A plan's own value goes before a baseline, a later plan's target before an earlier one's."""
    found: Stretch = {}
    for segment in segments:
        for cell in segment.row.cells:
            here, there = Placed(segment, cell), found.get(cell.year)
            if there is None:
                found[cell.year] = YearOfLife(here, here if cell.target_in_force else None)
                continue
            is_own_value = cell.value is not None and not cell.is_baseline
            found[cell.year] = YearOfLife(
                actual=here if is_own_value or there.actual.cell.value is None else there.actual,
                target=here if cell.target_in_force else there.target,
            )
    return dict(sorted(found.items(), key=itemgetter(0)))


def in_one_line(found: Sequence[Stretch]) -> dict[FiscalYear, tuple[int, YearOfLife]]:
    """One entry for each year of all stretches, with the number of its stretch.

    Where an old definition ends and a new one has its baseline, the year's own value goes first, then whichever
    has a value, then the newer.
    """
    chosen: dict[FiscalYear, tuple[int, YearOfLife]] = {}
    for number, stretch in enumerate(found):
        for year, entry in stretch.items():
            there = chosen.get(year)
            if there is None or not _goes_first(there[1], entry):
                chosen[year] = number, entry
    return chosen


def _goes_first(old: YearOfLife, new: YearOfLife) -> bool:
    if old.has_own_value or new.has_own_value:
        return not new.has_own_value
    return old.actual.cell.value is not None and new.actual.cell.value is None
