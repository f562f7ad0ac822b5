"""Where what a file states meets what was chosen for it: believed where it can be, refused where the two contradict. Pure.

The nearest text counts: a heading and the lines above its table before the sheet's name, that before the file's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from iconm_portal.imports.reading.figure_years import Claim, FigureStage, is_part_of_year
from iconm_portal.imports.reading.stated import Stated, Telling, known_unit, read_line, together
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import EraInputError, FiscalYear
from iconm_portal.values.written.units import factor, read_unit, whole_unit


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue; whoever shows it translates it, this module knows no Django."""
    return message


OTHER_YEAR: Final = gettext_noop(
    "The file says “%(said)s” (%(years)s), but %(chosen)s was chosen for this import. Choose the year that is meant,"
    " or correct the file."
)
OTHER_STAGE: Final = gettext_noop(
    "The file says “%(said)s”, but what is imported here is a %(chosen)s. Choose the stage that is meant, or correct"
    " the file."
)
SEVERAL_YEARS: Final = gettext_noop(
    "The file says “%(said)s” (%(years)s), and it is not clear of which year the amounts are. Write the year into the"
    " heading of their column."
)
SEVERAL_STAGES: Final = gettext_noop(
    "The file says “%(said)s”, and it is not clear whether the amounts are of a budget or of a settlement. Write that"
    " into the heading of their column."
)
PART_OF_YEAR: Final = gettext_noop(
    "The file says “%(said)s”, which is a part of a year, but a settlement is of a whole one. Choose the stage that is meant,"
    " or correct the file."
)
OTHER_UNIT: Final = gettext_noop(
    "The file says “%(said)s”, so its amounts are in %(unit)s, but %(chosen)s was chosen for this import. Choose the"
    " unit that is meant, or convert the amounts."
)
TWO_UNITS: Final = gettext_noop(
    "The file says “%(said)s”, which are several units for “%(heading)s”. Write the one that is meant into the heading."
)
NO_SUCH_FIGURES: Final = gettext_noop(
    "The file says “%(said)s”, but none of its columns is in %(unit)s. Correct the unit that it names."
)
UNIT_BELOW: Final = gettext_noop(
    "The file says “%(said)s” below its figures (row %(row)s). Write the unit above the table or into the heading."
)
ROW_IN_UNIT: Final = gettext_noop(
    "The row says that its figures are in %(said)s. Convert them, or write the unit into the heading."
)
ROW_OF_OTHERS: Final = gettext_noop(
    "The row says “%(said)s”, which is not what was chosen for this import. Leave such rows out, or choose what is meant."
)
OUTSIDE_YEARS: Final = gettext_noop("The file says “%(said)s”, but this date lies in %(year)s.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen when the file was sent, and so what it may not contradict; blank for what the file alone says.

    `dated_by`: the key of the column whose dates lie in the years that a file states.
    """

    year: FiscalYear | None = None
    stage: FigureStage | None = None
    unit: str = ""
    dated_by: str = ""


class Contradiction(Exception):
    """The file states another thing than what was chosen. `message` is an msgid, `params` fill it."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message, self.params = message, params

    @property
    def is_of_other_figures(self) -> bool:
        """Whether it is about figures of another year or stage, which may stand beside the chosen ones."""
        return self.message in (OTHER_YEAR, OTHER_STAGE)


@dataclass(frozen=True, slots=True)
class Nearness:
    """What is stated of a table, the nearest first: by its headings, by the lines above, by its sheet, by a sheet before the
    tables (a cover), by the file."""

    headings: tuple[Stated, ...]
    lines: tuple[Stated, ...]
    sheet: Stated
    cover: tuple[Stated, ...]
    file: Stated

    @property
    def _further(self) -> tuple[tuple[Stated, ...], ...]:
        return self.lines, (self.sheet,), self.cover, (self.file,)

    @property
    def of_the_whole(self) -> tuple[Stated, ...]:
        """All but what is of single columns."""
        return tuple(one for level in self._further for one in level)

    def of_years(self) -> Stated:
        """The nearest that state years."""
        near, *further = self._further
        levels = ((*self.headings, *near), *further)
        return _nearest([one for one in level if one.years] for level in levels)

    def of_units(self) -> Stated:
        """The nearest that state units of the whole table: a heading states that of its column alone."""
        return _nearest([one for one in level if one.units] for level in self._further)

    def claims(self, kind: str) -> "_Claims":
        """What the nearest claim of years or stages: headings alone first, since they are of their column."""
        for level in (self.headings, *self._further):
            said = [one for one in level if getattr(one, kind)]
            if said:
                found = [claim for one in said for claim in one.claims if getattr(claim, kind)]
                return _Claims(tuple(found), together(said).text)
        return _Claims((), "")

    def passed_over(self) -> list[tuple[str, str]]:
        """Texts of other years than what is nearer and counts, each with that."""
        near = self.of_years()
        far = self.of_the_whole if near.years else ()
        return [(one.text, near.text) for one in far if one.years and not set(one.years) & set(near.years)]


@dataclass(frozen=True, slots=True)
class _Claims:
    claims: tuple[Claim, ...]
    said: str

    def narrowed(self, is_meant: Callable[[Claim], bool]) -> "_Claims":
        """Those that say year and stage, if any do, and of them the fitting, if any fit."""
        whole = [one for one in self.claims if one.years and one.stages] or self.claims
        return replace(self, claims=tuple(filter(is_meant, whole)) or tuple(whole))


def _nearest(levels: Iterable[Sequence[Stated]]) -> Stated:
    return next((together(level) for level in levels if level), Stated())


def check(chosen: Chosen, stated: Nearness) -> Stated:
    """What the file states of years; Contradiction where it is of another year or stage than was chosen, or may be."""
    of_years, year, stage = stated.of_years(), chosen.year, chosen.stage
    if year:
        stages = {one for heading in stated.headings for one in heading.stages}
        claims = stated.claims("years").narrowed(
            lambda one: not (one.stages and stages) or bool(one.stages & stages)
        )
        fits = [year in one.years for one in claims.claims]
        years = {"fiscal_years": sorted({one.start for claim in claims.claims for one in claim.years})}
        if fits and not any(fits):
            raise Contradiction(OTHER_YEAR, said=claims.said, years=years, chosen={"fiscal_year": year.start})
        if not all(fits):
            raise Contradiction(SEVERAL_YEARS, said=claims.said, years=years)
    if stage:
        claims = stated.claims("stages").narrowed(lambda one: not (one.years and year) or year in one.years)
        fits = [stage in one.stages for one in claims.claims]
        if fits and not any(fits):
            raise Contradiction(OTHER_STAGE, said=claims.said, chosen={"stage": str(stage)})
        if year and not all(fits):
            raise Contradiction(SEVERAL_STAGES, said=claims.said)
    if year and stage is FigureStage.SETTLEMENT:
        for one in stated.of_the_whole:
            if is_part_of_year(one.text):
                raise Contradiction(PART_OF_YEAR, said=one.text)
    return of_years


def of_several(headings: Mapping[int, Stated], chosen: Chosen) -> int | None:
    """Which of several columns of one meaning (予算額, 決算額) is of the chosen year and stage; None where it is not clear."""
    fitting = {
        number: stated
        for number, stated in headings.items()
        if (not stated.years or chosen.year in stated.years)
        and (not stated.stages or chosen.stage in stated.stages)
    }
    # What says most is meant: 当初予算額 before 予算額, 令和5年度決算額 before 決算額, 決算額 before 金額.
    ranks = sorted(fitting, key=lambda number: _vagueness(fitting[number]))
    if not ranks or (len(ranks) > 1 and _vagueness(fitting[ranks[0]]) == _vagueness(fitting[ranks[1]])):
        return None
    return ranks[0]


def _vagueness(stated: Stated) -> tuple[int, int]:
    return not stated.years, len(stated.stages) or len(FigureStage) + 1


def units(headings: Mapping[str, tuple[Stated, str]], stated: Nearness, chosen: Chosen) -> dict[str, str]:
    """By column: the unit in which the file states its figures, where it states one. Contradiction where that cannot be.

    `headings`: of each column of figures what its heading states, and its own unit ("" where it has none).
    """
    found = {key: _of_heading(heading, own) for key, (heading, own) in headings.items() if heading.units}
    above = stated.of_units()
    is_taken: set[str] = set()
    for key, (said, own) in headings.items():
        # （単位：千） is of whatever stands there.
        fitting = [
            unit
            for unit in above.units
            if own and (factor(unit, own) is not None or not read_unit(unit).base)
        ]
        is_taken.update(fitting)
        if key in found:
            continue
        if len(fitting) > 1:
            raise Contradiction(TWO_UNITS, said=above.text, heading=said.text)
        if fitting:
            found[key] = whole_unit(fitting[0], own)
    _refuse_strange(above, is_taken, headings)
    _refuse_another_above(stated.lines, found, headings)
    for key, unit in found.items():
        own = headings[key][1]
        if own and own == chosen.unit and factor(unit, own) != 1:
            where = headings[key][0] if headings[key][0].units else above
            raise Contradiction(OTHER_UNIT, said=where.text, unit=unit, chosen=chosen.unit)
    return found


def _of_heading(said: Stated, own: str) -> str:
    """The unit that a heading states of figures in `own`; Contradiction where it states two."""
    units = [whole_unit(unit, own) for unit in said.units]
    fitting = [unit for unit in units if own and factor(unit, own) is not None]
    if len({read_unit(unit).scale for unit in fitting}) > 1:
        raise Contradiction(TWO_UNITS, said="・".join(fitting), heading=said.text)
    return next(iter(fitting), units[0])


def _refuse_another_above(
    lines: Iterable[Stated], found: Mapping[str, str], headings: Mapping[str, tuple[Stated, str]]
) -> None:
    """（単位：円） above 金額（千円）: one of the two is wrong, unless another column is in yen."""
    for line in lines:
        for unit in line.units:
            of_kind = {key: stated for key, stated in found.items() if factor(unit, stated) is not None}
            if of_kind and all(factor(unit, stated) != 1 for stated in of_kind.values()):
                heading = headings[next(iter(of_kind))][0].text
                raise Contradiction(TWO_UNITS, said=f"{line.text}／{heading}", heading=heading)


def refuse_below(said: Stated, taken: Iterable[str], row: int) -> None:
    """Contradiction where a unit in which figures would be others stands below them, and was not stated above."""
    if any(read_unit(unit).scale != 1 and unit not in taken for unit in said.units):
        raise Contradiction(UNIT_BELOW, said=said.text, row={"number": row})


def _refuse_strange(above: Stated, is_taken: set[str], headings: Mapping[str, tuple[Stated, str]]) -> None:
    """（単位：ドル） above amounts in 円 is no word to pass over; 単位：件 above a column of mere numbers says nothing new."""
    if not headings:
        return
    counts_things = any(not own for _said, own in headings.values())
    for unit in above.units:
        if unit not in is_taken and not (counts_things and read_unit(unit).scale == 1):
            raise Contradiction(NO_SUCH_FIGURES, said=above.text, unit=unit)


def is_in(said: str, unit: str) -> bool:
    """Whether figures of which a cell beside them says 「千円」 are in the unit in which they are read."""
    written = known_unit(said)
    if not written:
        return True
    by = factor(whole_unit(written, unit), unit)
    return by == 1 if by is not None else read_unit(written).scale == 1 and unit != "円"


def is_of_others(said: str, telling: Telling, chosen: Chosen) -> bool:
    """Whether a cell says of its row another year or stage than was chosen."""
    stated = read_line(said)
    if telling is Telling.STAGE:
        return bool(chosen.stage and stated.stages) and chosen.stage not in stated.stages
    years = stated.years
    with suppress(EraInputError):
        years = years or (FiscalYear.parse(said),)
    return bool(chosen.year and years) and chosen.year not in years


def outside(years: Sequence[FiscalYear], written: str) -> FiscalYear | None:
    """The fiscal year of a (partial) date that lies in none of these; None where it may lie in one."""
    first, last = (
        FiscalYear.of(partial_date.first_day(written)),
        FiscalYear.of(partial_date.last_day(written)),
    )
    return None if any(first <= year <= last for year in years) else first
