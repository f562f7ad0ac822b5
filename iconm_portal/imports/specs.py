"""How an app describes a table that can be imported: its columns, what is checked, what applying does, its pages.

An example stands at the top of `importing.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Protocol

from django.urls import reverse
from django.utils.functional import Promise

from iconm_portal.imports.reading.chosen import Chosen
from iconm_portal.imports.reading.tables import Column
from iconm_portal.models import TableImport, User
from iconm_portal.people.access import Right

SUM: Final = "sum_word"


@dataclass
class ReadRow:
    """A row as it was read: what its columns' parsers made of it, and what is wrong. `resolved` is the checker's.

    `repeated_on`: what it says is there already, entered on that day (ISO). Where `values` has a `SUM`, it is a row of sums.
    """

    number: int
    values: dict[str, Any]
    problems: list[dict[str, Any]] = field(default_factory=list)
    resolved: Any = None
    repeated_on: str = ""
    is_left_out: bool = False  # a sum of others, or a heading among them

    def get(self, key: str) -> Any:
        """The value of a column; "" for a blank, or for one that could not be meant (which is a problem already)."""
        return self.values.get(key, "")

    def is_sound(self, *keys: str) -> bool:
        """Whether none of these columns (any, without keys) has an error yet."""
        return not any(p["level"] == "error" and (not keys or p["column"] in keys) for p in self.problems)

    def error(self, column: str, message: str, **params: Any) -> None:
        """Something that keeps the whole table from being applied."""
        self._add("error", column, message, params)

    def warn(self, column: str, message: str, **params: Any) -> None:
        """Something to look at."""
        self._add("warning", column, message, params)

    def repeat(self, column: str, day: date, message: str, **params: Any) -> None:
        """That it is there already, entered on `day` (which the message may name): it is put in again only if that is meant."""
        self.repeated_on = day.isoformat()
        self.warn(column, message, day={"day": day.isoformat()}, **params)

    def _add(self, level: str, column: str, message: str, params: dict[str, Any]) -> None:
        self.problems.append({"level": level, "column": column, "message": message, "params": params})


class Checker(Protocol):
    """Holds rows against what is there; made anew for every reading and every application."""

    def check(self, rows: Sequence[ReadRow]) -> None:
        """Add what is wrong, and set `resolved`. Called with chunks, in the order of the file."""

    def summary(self) -> dict[str, Any]:
        """Counts and sums of all rows seen, for JSON."""


@dataclass(frozen=True, slots=True)
class Description:
    """What applying would do, in the reader's language: sentences, and a small table of counts and sums."""

    sentences: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Undo:
    """How what was applied is taken back as a whole.

    `in_the_way` says, in the reader's language, what rests on it; it is asked for the page, and again behind the locks that
    `take_back` takes. `prepare` makes ready outside the transaction what that then only has to put in; it gives what goes
    into the history, ValidationError for what is in the way, Outdated where it must be prepared anew.
    """

    told: "str | Promise"  # what undoing does
    in_the_way: Callable[[TableImport], Sequence[str]]
    prepare: Callable[[TableImport, str, User, datetime], Any]
    take_back: Callable[[TableImport, Any, str, User, datetime], Mapping[str, Any]]


class Outdated(Exception):
    """What was prepared rests on something that is different by now. Nothing was applied; it is prepared anew."""


@dataclass(frozen=True)
class Spec:
    """What can be imported. `pages` is the prefix of the names of its addresses: <pages>s, <pages>, <pages>_apply, …

    A table of a few rows is checked anew and applied in one transaction: `apply` is given its checked rows. One that may be long
    is prepared outside the transaction, so that others can write meanwhile: `prepare` turns the checked rows into what
    `apply` then only has to put in, after it has seen, behind its locks, that all it rests on is as it was (else Outdated).
    """

    kind: str
    title: "str | Promise"
    columns: tuple[Column, ...]
    checker: Callable[[TableImport, date], Checker]  # the import, and today
    apply: Callable[
        [TableImport, Any, User, datetime], Mapping[str, Any]
    ]  # the rows, or what `prepare` made of them; gives what the history tells, and under "before" what undoing needs
    describe: Callable[[TableImport], Description]
    pages: str
    one_of: tuple[tuple[str, ...], ...] = ()
    right: Right = Right.KEEP
    prepare: Callable[[TableImport, Iterator[ReadRow], User, datetime], Any] | None = None
    chosen: Callable[[TableImport], Chosen] = lambda table: Chosen()  # what the file may not contradict
    undo: Undo | None = None
    sums_lack: tuple[tuple[str, ...], ...] = ()  # keys: a row of sums has none of them, for one of these sets
    takes_lines: bool = False  # whether a row with one text alone may be a row

    def page(self, table: TableImport) -> str:
        """The address of the import."""
        return reverse(self.pages, kwargs={"center": table.center.code, "number": table.pk})


_SPECS: dict[str, Spec] = {}


def register(spec: Spec) -> Spec:
    """Make the kind known, so that jobs can find it."""
    _SPECS[spec.kind] = spec
    return spec


def spec_of(table: TableImport) -> Spec:
    """KeyError for a kind that no app has registered."""
    return _SPECS[table.kind]
