"""What importing a text into an edition would do: which provisions it fills, adds, and does not have. Writes nothing.

A provision of the edition and one of the text are the same by what they say, by heading, or by number, in that order:
summaries and obligations follow their article when a new one moves it from 第14条 to 第15条.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from agreements.editions import comparison
from agreements.editions.comparison import Clause
from agreements.models import Edition, Provision
from agreements.wording import LineUse, Problem, ProblemCode, SourceLine, Wording
from agreements.wording import Provision as Read

MOST_PROVISIONS: Final = 5_000
"""More than any agreement has; a text with more was not one."""


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of the source that follow each other and went to the same place."""

    first: int
    last: int
    use: LineUse
    belongs_to: str
    text: str

    @property
    def is_understood(self) -> bool:
        """Whether it was used, or is rightly none of the text (blank lines, page numbers)."""
        return self.use is not LineUse.NOT_UNDERSTOOD


@dataclass(frozen=True)
class Plan:
    """An edition's provisions beside those of a text. `held` are the edition's by the key that they have in the text.

    What the text does not have: `lacking` stay (without text), `leaving` are removed.
    """

    wording: Wording
    order: tuple[Read, ...]
    held: Mapping[str, Provision]
    standing: tuple[Provision, ...]  # all of the edition as it is now
    lacking: tuple[Provision, ...]
    leaving: tuple[Provision, ...]

    @cached_property
    def added(self) -> list[Read]:
        """Provisions of the text that the edition does not have yet."""
        return [read for read in self.order if read.key not in self.held]

    @cached_property
    def filled(self) -> list[Read]:
        """Provisions of the edition that get the text's number, heading and wording."""
        return [read for read in self.order if read.key in self.held]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What looks wrong in the text."""
        return self.wording.problems

    @property
    def is_agreement(self) -> bool:
        """Whether there is anything to import."""
        return all(problem.code is not ProblemCode.NO_ARTICLE for problem in self.problems)

    @property
    def is_too_long(self) -> bool:
        """Whether there are more provisions than any agreement has."""
        return len(self.order) > MOST_PROVISIONS

    @property
    def needs_acceptance(self) -> bool:
        """Whether a person has to say that it is to be saved all the same."""
        return bool(self.problems or self.lacking)

    @cached_property
    def runs(self) -> list[Run]:
        """Every line of the source, with what it was taken for."""
        return list(_runs(self.wording.lines))

    @cached_property
    def not_understood(self) -> list[Run]:
        """The lines that went nowhere."""
        return [run for run in self.runs if not run.is_understood]

    @cached_property
    def left_out(self) -> list[Run]:
        """The lines that are none of the wording: contents, page numbers, and what was not understood."""
        return [run for run in self.runs if not (run.use.is_kept or run.use is LineUse.BLANK)]

    @property
    def line_count(self) -> int:
        """How many lines the source has."""
        return len(self.wording.lines)


def plan(edition: Edition, wording: Wording) -> Plan:
    """What importing the text into the edition does.

    A provision that the text lacks stays in a first edition if we have summarised it or something rests on it, and in
    an amendment if something rests on it: what only an earlier import brought goes.
    """
    order = tuple(wording.walk())
    standing = tuple(edition.provisions.all())
    held = _held(standing, order)
    found = {provision.pk for provision in held.values()}
    absent = [provision for provision in standing if provision.pk not in found]
    staying = _staying(edition, absent, standing)
    return Plan(
        wording=wording,
        order=order,
        held=held,
        standing=standing,
        lacking=tuple(provision for provision in absent if provision.pk in staying),
        leaving=tuple(provision for provision in absent if provision.pk not in staying),
    )


def _held(standing: Sequence[Provision], order: Sequence[Read]) -> dict[str, Provision]:
    """The edition's provisions by their keys in the text; without official text, by heading and number alone."""
    has_text = any(row.text for row in standing)
    before = [Clause(row.key, row.label, row.heading, row.text) for row in standing]
    after = [Clause(read.key, read.label, read.heading, read.text if has_text else "") for read in order]
    by_key = {row.key: row for row in standing}
    return {new: by_key[old] for old, new in comparison.partners(before, after).items()}


def _staying(edition: Edition, absent: Iterable[Provision], standing: Iterable[Provision]) -> set[int]:
    by_id = {provision.pk: provision for provision in standing}
    rested_on = _rested_on(edition)
    staying: set[int] = set()
    for provision in absent:
        is_ours = edition.number == 1 and bool(provision.summary)
        here: Provision | None = provision if is_ours or provision.pk in rested_on else None
        while here is not None:  # what stays, stays under what it stood under
            staying.add(here.pk)
            here = by_id.get(here.parent_id or 0)
    return staying


def _rested_on(edition: Edition) -> set[int]:
    """The provisions of the edition to which obligations, measures or anything else point."""
    found: set[int] = set()
    for relation in Provision._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and relation.related_model is not Provision:
            rows = relation.related_model._default_manager.filter(  # type: ignore[union-attr]
                **{f"{relation.field.name}__edition": edition}  # type: ignore[union-attr]
            )
            found.update(rows.values_list(relation.field.attname, flat=True))  # type: ignore[union-attr]
    return found


def keys_of_lacking(plan: Plan) -> dict[int, str]:
    """The keys of those that stay without a text, by primary key: their own, or with ~2 where the text uses it now."""
    taken = {read.key for read in plan.order}
    chosen: dict[int, str] = {}
    for row in plan.lacking:
        own = chosen.get(row.parent_id or 0)
        key = row.key if own is None else f"{own}/{row.key.rpartition('/')[2]}"
        number, free = 1, key
        while free in taken:
            number += 1
            free = f"{key}~{number}"
        taken.add(free)
        chosen[row.pk] = free
    return chosen


def positions(plan: Plan) -> tuple[dict[str, int], dict[int, int]]:
    """Places after the import, from 1: the text's provisions by key, and by primary key those that stay without a
    text, each behind the one that it stands behind now."""
    lacking = {row.pk for row in plan.lacking}
    key_of = {row.pk: key for key, row in plan.held.items()}
    behind: dict[str, list[int]] = {}
    last = ""
    for row in plan.standing:
        if row.pk in lacking:
            behind.setdefault(last, []).append(row.pk)
        else:
            last = key_of.get(row.pk, last)
    by_key: dict[str, int] = {}
    by_id: dict[int, int] = {}
    for key in ("", *(read.key for read in plan.order)):
        if key:
            by_key[key] = len(by_key) + len(by_id) + 1
        for pk in behind.get(key, ()):
            by_id[pk] = len(by_key) + len(by_id) + 1
    return by_key, by_id


def _runs(lines: Iterable[SourceLine]) -> Iterable[Run]:
    run: list[SourceLine] = []
    for line in lines:
        if run and (line.use, line.belongs_to) != (run[0].use, run[0].belongs_to):
            yield _run(run)
            run = []
        run.append(line)
    if run:
        yield _run(run)


def _run(lines: list[SourceLine]) -> Run:
    first = lines[0]
    text = "\n".join(line.text for line in lines).strip("\n")
    return Run(first.number, lines[-1].number, first.use, first.belongs_to, text)
