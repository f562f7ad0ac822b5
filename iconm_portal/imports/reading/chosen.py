"""Where what a file states meets what was chosen for it: believed where it can be, refused where the two contradict. Pure.

The nearest text counts: a heading and the lines above its table before the sheet's name, that before the file's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from iconm_portal.imports.reading.stated import FigureStage, Stated, together
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.written.units import factor, read_unit


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
OTHER_UNIT: Final = gettext_noop(
    "The file says “%(said)s”, so its amounts are in %(unit)s, but %(chosen)s was chosen for this import. Choose the"
    " unit that is meant, or convert the amounts."
)
TWO_UNITS: Final = gettext_noop(
    "The file says “%(said)s”, which are several units for “%(heading)s”. Write the unit into the heading."
)
NO_SUCH_FIGURES: Final = gettext_noop(
    "The file says “%(said)s”, but none of its columns is in %(unit)s. Correct the unit that it names."
)
UNIT_BELOW: Final = gettext_noop(
    "The file says “%(said)s” below its figures (row %(row)s). Write the unit above the table or into the heading."
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
    """What is stated of a table, the nearest first: by its headings and the lines above, by its sheet, by the file."""

    headings: tuple[Stated, ...]
    lines: tuple[Stated, ...]
    sheet: Stated
    file: Stated

    def of_years(self) -> Stated:
        """The nearest that state years."""
        levels = ((*self.headings, *self.lines), (self.sheet,), (self.file,))
        return _nearest([one for one in level if one.years] for level in levels)

    def of_stages(self) -> Stated:
        """The nearest that state stages."""
        levels = ((*self.headings, *self.lines), (self.sheet,), (self.file,))
        return _nearest([one for one in level if one.stages] for level in levels)

    def of_units(self) -> Stated:
        """The nearest that state units of the whole table: a heading states that of its column alone."""
        return _nearest(
            [one for one in level if one.units] for level in (self.lines, (self.sheet,), (self.file,))
        )


def _nearest(levels: Iterable[Sequence[Stated]]) -> Stated:
    return next((together(level) for level in levels if level), Stated())


def check(chosen: Chosen, stated: Nearness) -> Stated:
    """What the file states of years; Contradiction where it is of another year or stage than was chosen."""
    of_years, of_stages = stated.of_years(), stated.of_stages()
    if chosen.year and of_years.years and chosen.year not in of_years.years:
        raise Contradiction(
            OTHER_YEAR,
            said=of_years.text,
            years={"fiscal_years": [year.start for year in of_years.years]},
            chosen={"fiscal_year": chosen.year.start},
        )
    if chosen.stage and of_stages.stages and chosen.stage not in of_stages.stages:
        raise Contradiction(OTHER_STAGE, said=of_stages.text, chosen={"stage": str(chosen.stage)})
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
    found = {key: _whole(heading.units[0], own) for key, (heading, own) in headings.items() if heading.units}
    above = stated.of_units()
    is_taken: set[str] = set()
    for key, (said, own) in headings.items():
        fitting = [unit for unit in above.units if own and factor(unit, own) is not None]
        fitting += [
            unit for unit in above.units if own and not read_unit(unit).base
        ]  # （単位：千） is of whatever stands there
        is_taken.update(fitting)
        if key in found:
            continue
        if len(fitting) > 1:
            raise Contradiction(TWO_UNITS, said=above.text, heading=said.text)
        if fitting:
            found[key] = _whole(fitting[0], own)
    _refuse_strange(above, is_taken, headings)
    for key, unit in found.items():
        own = headings[key][1]
        if own and own == chosen.unit and factor(unit, own) != 1:
            where = headings[key][0] if headings[key][0].units else above
            raise Contradiction(OTHER_UNIT, said=where.text, unit=unit, chosen=chosen.unit)
    return found


def refuse_below(said: Stated, taken: Iterable[str], row: int) -> None:
    """Contradiction where a unit in which figures would be others stands below them, and was not stated above."""
    if any(read_unit(unit).scale != 1 and unit not in taken for unit in said.units):
        raise Contradiction(UNIT_BELOW, said=said.text, row={"number": row})


def _whole(unit: str, own: str) -> str:
    """千 of a column in 円 is 千円."""
    return unit if read_unit(unit).base else f"{unit}{read_unit(own).base}"


def _refuse_strange(above: Stated, is_taken: set[str], headings: Mapping[str, tuple[Stated, str]]) -> None:
    """（単位：ドル） above amounts in 円 is no word to pass over; 単位：件 above a column of mere numbers says nothing new."""
    if not headings:
        return
    counts_things = any(not own for _said, own in headings.values())
    for unit in above.units:
        if unit not in is_taken and not (counts_things and read_unit(unit).scale == 1):
            raise Contradiction(NO_SUCH_FIGURES, said=above.text, unit=unit)


def outside(years: Sequence[FiscalYear], written: str) -> FiscalYear | None:
    """The fiscal year of a (partial) date that lies in none of these; None where it may lie in one."""
    first, last = (
        FiscalYear.of(partial_date.first_day(written)),
        FiscalYear.of(partial_date.last_day(written)),
    )
    return None if any(first <= year <= last for year in years) else first
