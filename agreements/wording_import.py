"""What importing a text into an edition would do: which provisions it fills, adds, and does not have. Writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

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
    """An edition's provisions beside those of a text. `lacking` stay (their text goes), `leaving` are removed."""

    wording: Wording
    order: tuple[Read, ...]
    held: Mapping[str, Provision]
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
    held = {provision.key: provision for provision in edition.provisions.all()}
    in_text = {read.key for read in order}
    absent = [provision for provision in held.values() if provision.key not in in_text]
    staying = _staying(edition, absent, held)
    return Plan(
        wording=wording,
        order=order,
        held=held,
        lacking=tuple(provision for provision in absent if provision.pk in staying),
        leaving=tuple(provision for provision in absent if provision.pk not in staying),
    )


def _staying(edition: Edition, absent: Iterable[Provision], held: Mapping[str, Provision]) -> set[int]:
    by_id = {provision.pk: provision for provision in held.values()}
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


def positions(plan: Plan) -> list[str]:
    """The keys of all provisions after the import: the text's order, with each lacking one where it stood."""
    order = [read.key for read in plan.order]
    in_text = set(order)
    staying = {provision.key for provision in plan.lacking}
    standing = [key for key in plan.held if key in staying or key in in_text]
    for index, key in enumerate(standing):
        if key in staying:
            before = standing[index - 1] if index else ""
            order.insert(order.index(before) + 1 if before else 0, key)
    return order


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
