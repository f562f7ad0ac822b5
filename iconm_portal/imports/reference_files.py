"""Reference tables as data: folders of CSV files that become rows, each file described by one map.

A row is known by its codes. An identical row is skipped, a differing one reported, none is ever overwritten: what has
been corrected in the portal stays. Whatever is added leaves its event in the history, under the source that its line
names instead of a person. What is not as its map says is refused: everything that is wrong at once, each with file, row
and column, and nothing is added.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, reduce
from itertools import groupby
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.refusals import kept_text
from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.imports.reference_lines import (
    BadFile,
    CsvFolders,
    Follows,
    Problem,
    ReferenceLine,
    TableFiles,
    WholeFile,
    yes,
)
from iconm_portal.models import Center, Organisation, ReviewState

Row = TypeVar("Row", bound=models.Model)
_kept_text = lazy(kept_text, str)
Codes = tuple[object, ...]
"""The natural codes of a row, such as ("support-r4", "media")."""


# -- What a file's columns mean --


@dataclass(frozen=True)
class Table(Generic[Row]):
    """How the lines of a file become rows of a model.

    A column that bears a field's name needs no word: the field reads its text, yes and no are truth, blank is none, a
    foreign key is the code of the row that it names, and the several codes of a many-to-many field stand with spaces.
    """

    file: str
    model: type[Row]
    codes: tuple[str, ...]
    """Lookups that tell a center's rows apart, such as ("plan__code", "code")."""
    columns: Mapping[str, str | tuple[str, ...] | Callable[[ReferenceLine], object]] = field(
        default_factory=dict
    )
    """By field: the heading, if it is another; the headings of a foreign key's codes; what makes a value of the line."""
    beside: Collection[str] = ()
    """Headings that no field bears by itself."""
    fixed: Mapping[str, object] = field(default_factory=dict)
    """What all rows of the file have in common, such as being a first revision; lookups too."""
    may_be_gone: Collection[str] = ()
    """Foreign keys to rows that the files have, but that people may have taken away since; they stay empty then."""
    complete: Callable[[Row], None] | None = None
    """Sets what follows from the cells."""
    check: Callable[[Row], None] | None = None
    """ValidationError for what no field or constraint knows, such as a plan of forty years."""
    check_parts: Callable[[Row, Sequence[Any]], None] | None = None
    """The same of a row with what belongs to it, such as a settlement with its lines and totals."""
    add: Callable[[Row, ReferenceLine], Row] | None = None
    """The action that adds a row, history and all, where there is one."""
    action: str = ""
    """What the history calls the adding of a row …"""
    subject: str = ""
    """… of which row it tells, by the field that leads there (blank: the row itself) …"""
    remembers: Collection[str] | Callable[[Row, ReferenceLine], Mapping[str, object]] | None = None
    """… which columns it keeps (None: all but the source), or what else …"""
    reason: str = ""
    """… and the heading of its reason."""
    put: "Callable[[Loader, TableFiles], None] | None" = None
    """How rows come in that are no rows of this file alone; None: each by itself."""
    with_files: tuple[str, ...] = ()
    """Further files that `put` reads."""
    prints: tuple[str, ...] = ()
    """The headings of an export, in their order; `source` is the last, and need not be named."""
    writes: Mapping[str, Callable[[Row], object]] = field(default_factory=dict)
    """What an export has under a heading that no field bears by itself."""

    @cached_property
    def center(self) -> str:
        """The lookup that leads to the center by way of the first code; blank for what belongs to none."""
        model: Any = self.model
        path = ""
        for name in self.codes[0].split("__"):
            if any(field.name == "center" for field in model._meta.fields):
                return f"{path}center"
            model, path = model._meta.get_field(name).related_model, f"{path}{name}__"
        return ""

    def says(self, name: str, line: ReferenceLine) -> bool:
        """Whether the line says what the field is; where it has no such column, the model's default stands."""
        column = self.columns.get(name, name)
        return callable(column) or (column if isinstance(column, str) else column[-1]) in line.cells

    @cached_property
    def code_headings(self) -> tuple[str, ...]:
        """The headings under which a line says its codes."""
        found: dict[str, None] = {}
        for lookup in self.codes:
            column = self.columns.get(lookup.partition("__")[0], lookup.partition("__")[0])
            if not callable(column):
                found |= dict.fromkeys([column] if isinstance(column, str) else column)
        return tuple(found)

    def heading_of(self, name: str) -> str:
        """Under which heading a field's value stands; blank for what is of no field."""
        if name == NON_FIELD_ERRORS:
            return ""
        column = self.columns.get(name, name)
        return name if callable(column) else column if isinstance(column, str) else column[-1]

    @property
    def headings(self) -> set[str]:
        """The headings that the map itself reads."""
        named = (column for column in self.columns.values() if not callable(column))
        return {*self.beside, "source"}.union(*([one] if isinstance(one, str) else one for one in named))


# -- Into the database --


class Outcome(StrEnum):
    """What became of a line."""

    ADDED = "added"
    IDENTICAL = "identical"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Difference:
    """A row that is otherwise in the database than in a file, and stays so: by field, what is stored and what was read."""

    model: type[models.Model]
    codes: Codes
    fields: Mapping[str, tuple[str, str]]


@dataclass
class LoadResult:
    """What a load did: added, skipped as identical, and left alone although it differs."""

    added: int = 0
    identical: int = 0
    differing: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list, compare=False)
    """Those of them in which both are there."""
    outcomes: dict[tuple[str, int], Outcome] = field(default_factory=dict, compare=False)
    """By file and row, what became of each line."""

    def seen(self) -> tuple[int, int]:
        """How much was added and how much differed until now."""
        return self.added, len(self.differing)

    def tell(self, line: ReferenceLine, before: tuple[int, int]) -> None:
        """Say of a line what was counted since."""
        added, differing = self.seen()
        outcome = Outcome.ADDED if added > before[0] else Outcome.IDENTICAL
        self.outcomes[line.file, line.number] = Outcome.DIFFERS if differing > before[1] else outcome

    def compare(self, stored: models.Model, read: models.Model, names: Collection[str], place: Codes) -> None:
        """Count the stored row as identical, or note in which of the fields it differs from what was read."""
        differences = {
            name: (str(getattr(stored, name)), str(getattr(read, name)))
            for name in names
            if _value(stored, name) != _value(read, name)
        }
        if differences:
            self.differ(
                stored,
                place,
                "; ".join(f"{name}: {one} ≠ {other}" for name, (one, other) in differences.items()),
            )
            self.differences.append(Difference(type(stored), place, differences))
        else:
            self.identical += 1

    def differ(self, row: models.Model | type[models.Model], place: Codes, how: str) -> None:
        """Note what is otherwise in the database, and stays so."""
        self.differing.append(f"{row._meta.label} {'/'.join(map(str, place))}: {how}")


@dataclass
class Loader:
    """Brings files into the database for one center."""

    center: Center | None = None
    source: str = ""
    """What stands behind a line that names no source of its own."""
    result: LoadResult = field(default_factory=LoadResult)
    tables: dict[type[models.Model], Table[Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _rows: dict[type[models.Model], dict[Codes, Any]] = field(default_factory=dict)
    _refused: dict[type[models.Model], set[tuple[str, ...]]] = field(default_factory=dict)
    _unread: set[type[models.Model]] = field(default_factory=set)
    _lines: dict[tuple[type[models.Model], Codes], int] = field(default_factory=dict)
    _title: Callable[[str], str] = str

    def know(self, tables: Collection[Table[Any]]) -> None:
        """Let lines name rows of these tables."""
        self.tables |= {table.model: table for table in tables}

    @transaction.atomic
    def load(self, folder: Path | TableFiles, tables: Collection[Table[Any]]) -> None:
        """Add what is missing, table by table; not all of them need be there. BadFile with everything that is wrong."""
        files = CsvFolders(folder) if isinstance(folder, Path) else folder
        self.know(tables)
        self._lines.clear()
        self._title = files.title
        for table in tables:
            if table.file not in files.names:
                continue
            if table.put:
                table.put(self, files)
                continue
            for line, row, names in self.read(files, table):
                with self.noting(table, line):
                    self.refuse_repeated(table, row, line)
                    self.add_or_compare(table, line, row, names)
        if self.problems:
            raise BadFile(*self.problems)

    def read(self, files: TableFiles, table: Table[Row]) -> Iterator[tuple[ReferenceLine, Row, list[str]]]:
        """Each line of the table's file, with the row that it makes, not saved, and the names of the fields it says.

        A line that makes none is noted and left out.
        """
        for line in self._lines_of(files, table):
            try:
                row, names = self.row_of(table, line)
            except WholeFile as bad:
                self.note(table, line, bad)
                return
            except BadFile as bad:
                self.note(table, line, bad)
            else:
                yield line, row, names

    def row_of(self, table: Table[Row], line: ReferenceLine) -> tuple[Row, list[str]]:
        """The row that a line makes, not saved, and the names of the fields that it says; BadFile."""
        several = {field.name: field for field in table.model._meta.many_to_many}
        fields = {field.name: field for field in table.model._meta.concrete_fields}
        if strange := [name for name in line.cells if name not in {*fields, *several, *table.headings}]:
            message = _("Nothing reads the column “%(column)s”.")
            raise WholeFile(*(line.problem(message, one, column=one) for one in strange))
        row = table.model(**{name: value for name, value in table.fixed.items() if name in fields})
        if table.center == "center":
            row.center = self.center  # type: ignore[attr-defined]
        names = [name for name in fields if table.says(name, line)]
        problems: list[Problem] = []
        follows = False
        for name in names:
            try:
                setattr(row, name, self._read(table, fields[name], line))
            except WholeFile:
                raise
            except Follows:
                follows = True
            except BadFile as bad:
                problems += bad.problems
            except ValidationError as error:
                problems.append(line.problem(error, table.heading_of(name)))
            except (ValueError, ArithmeticError):
                heading = table.heading_of(name)
                unreadable = _("“%(found)s” cannot be read here.")
                problems.append(line.problem(unreadable, heading, found=line.cells.get(heading, "")))
        if not (line.cells.get("source") or self.source):
            problems.append(line.problem(_("Say where it stands: no source is named."), "source"))
        if problems:
            raise BadFile(*problems)
        if follows:
            raise Follows
        if self.source and getattr(row, "source", None) == "":
            row.source = self.source  # type: ignore[attr-defined]
        if table.complete:
            table.complete(row)
        return row, names

    def _lines_of(self, files: TableFiles, table: Table[Any]) -> Iterator[ReferenceLine]:
        try:
            yield from files.lines(table.file)
        except BadFile as bad:
            self.problems += bad.problems
            self._unread.add(table.model)

    def note(self, table: Table[Any], line: ReferenceLine, bad: BadFile) -> None:
        """Keep what is wrong with a line, so that what names its row is not blamed too."""
        self.problems += bad.problems
        if isinstance(bad, WholeFile):
            self._unread.add(table.model)
        codes = tuple(line.cells.get(heading, "") for heading in table.code_headings)
        self._refused.setdefault(table.model, set()).add(codes)

    @contextmanager
    def noting(self, table: Table[Any], line: ReferenceLine) -> Iterator[None]:
        """What is wrong while a line's row is put in is noted, and the row is not there; the next one goes on."""
        before = self.result.seen()
        try:
            with transaction.atomic():
                yield
            self.result.tell(line, before)
        except BadFile as bad:
            self.note(table, line, bad)
        except ValidationError as error:  # of an action that adds it
            self.note(table, line, BadFile(*_problems_of(error, table, line)))
        except IntegrityError as error:
            refused = _("What is there already does not admit it (%(reason)s).")
            said = _kept_text(error) if kept_text(error) else refused
            self.note(table, line, line.refused(said, reason=str(error).splitlines()[0]))

    def refuse_repeated(self, table: Table[Any], row: models.Model, line: ReferenceLine) -> None:
        """BadFile where another line of the same table has the row's codes."""
        codes = codes_of(row, table)
        first = self._lines.setdefault((table.model, codes), line.number)
        if first != line.number:
            at = table.code_headings[-1] if table.code_headings else ""
            raise line.refused(
                _("Row %(row)s has “%(codes)s” already."), at, row=first, codes="/".join(map(str, codes))
            )

    def load_accepted(
        self, files: TableFiles, heads: Table[Any], parts: Sequence[Table[Any]], link: str
    ) -> None:
        """Rows that lock with the acceptance of what they belong to: each line of the parts says of which head it is.

        A head that is not there is added with all its parts, accepted and remembered as one; its source is that of its
        lines. Of one that is there, what differs is reported, and what it lacks.
        """
        self.know([heads, *parts])
        found: dict[Codes, _Accepted] = {}
        for part in parts:
            if part.file in files.names:
                self._collect(files, replace(heads, file=part.file), part, link, found)
        for codes, one in found.items():
            if one.is_refused:
                continue
            one.head.source = "・".join(sorted(one.sources, reverse=True))
            if stored := self.find(heads.model, *codes):
                self.result.compare(stored, one.head, one.names, codes)
                for part, line, row, names in one.parts:
                    place, before = codes_of(row, part), self.result.seen()
                    if held := self.find(part.model, *place):
                        self.result.compare(held, row, [name for name in names if name != link], place)
                    else:
                        self.result.differ(row, place, "missing in the database")
                    self.result.tell(line, before)
            else:
                with self.noting(heads, one.line):
                    self._add_accepted(heads, one, link)

    def _collect(
        self,
        files: TableFiles,
        heads: Table[Any],
        part: Table[Any],
        link: str,
        found: "dict[Codes, _Accepted]",
    ) -> None:
        for line in self._lines_of(files, part):
            one = None
            try:
                head, names = self.row_of(heads, line)
                one = found.setdefault(codes_of(head, heads), _Accepted(line, head, names))
                row, row_names = self.row_of(part, line)
                if any(_value(one.head, name) != _value(head, name) for name in names if name != "source"):
                    raise line.refused(
                        _("The row says otherwise than row %(row)s of what both belong to."),
                        row=one.line.number,
                    )
                setattr(row, link, one.head)
                self.refuse_repeated(part, row, line)
            except BadFile as bad:
                self.note(part, line, bad)
                if one:
                    one.is_refused = True
                if isinstance(bad, WholeFile):
                    return
            else:
                one.sources.add(line.cells.get("source") or self.source)
                one.parts.append((part, line, row, row_names))

    def _add_accepted(self, heads: Table[Any], one: "_Accepted", link: str) -> None:
        head, known_from = one.head, one.head.known_from
        head.known_from = None
        clean(head, one.line, heads)
        if known_from is None:
            raise one.line.refused(_("Say since when it is known."), heads.heading_of("known_from"))
        if heads.check_parts:
            _raise_in(
                one.line, heads, heads.check_parts, head, [row for _part, _line, row, _names in one.parts]
            )
        head.save()
        for part, line, row, _names in one.parts:
            setattr(row, link, head)
            with self.noting(part, line):
                clean(row, line, part)
        if self.problems:
            return  # nothing stays, so nothing need be put in
        for part, rows in groupby(one.parts, key=lambda part: part[0].model):
            part._default_manager.bulk_create(row for _part, _line, row, _names in rows)
        # The parts lock with the acceptance, so it comes last.
        head.state, head.known_from = ReviewState.ACCEPTED, known_from
        head.save(update_fields=["state", "known_from"])
        after = dict(_remembered(heads, head, one.line))
        for part, line, row, _names in one.parts:
            after |= _remembered(part, row, line)
        self.remember(heads, head, one.line, after, source=head.source)
        before = self.result.seen()
        self.result.added += 1 + len(one.parts)
        for _part, line, _row, _names in one.parts:
            self.result.tell(line, before)

    def find(self, model: type[Row], *codes: object) -> Row | None:
        """The center's row with these codes; None where there is none."""
        return self.rows(model).get(codes)

    def named(self, model: type[Row], line: ReferenceLine, *headings: str) -> Row:
        """The row whose codes stand under the headings; BadFile where there is none."""
        return self._named(model, line, [line.cell(heading) for heading in headings], headings[-1])

    def rows(self, model: type[Row]) -> dict[Codes, Row]:
        """The center's rows of a model by their codes, as they were at first, with those that were added since."""
        if model not in self._rows:
            table = self.tables[model]
            # Whatever a row is known by, or its center by, comes with it: the history walks there.
            lookups = [*table.codes, *([f"{table.center}__pk"] if table.center else [])]
            paths = {path for lookup in lookups if (path := lookup.rpartition("__")[0])}
            of_center = {table.center: self.center} if table.center else {}
            held = model._default_manager.filter(**of_center, **table.fixed).select_related(*paths)
            self._rows[model] = {codes_of(row, table): row for row in held}
        return self._rows[model]

    def add_or_compare(
        self,
        table: Table[Row],
        line: ReferenceLine,
        row: Row,
        names: Collection[str],
        after: Mapping[str, object] | None = None,
    ) -> Row:
        """The stored row with the codes of the one that was read: added now, or compared in the fields named."""
        self.know([table])
        codes, rows = codes_of(row, table), self.rows(table.model)
        if codes in rows:
            self.result.compare(rows[codes], row, names, codes)
            return rows[codes]
        if table.add:
            row = table.add(row, line)
        else:
            self._insert(table, line, row, after)
        self.result.added += 1
        rows[codes] = row
        return row

    def _insert(
        self, table: Table[Row], line: ReferenceLine, row: Row, after: Mapping[str, object] | None = None
    ) -> None:
        clean(row, line, table)
        row.save()
        for several in table.model._meta.many_to_many:
            if places := line.cells.get(several.name, "").split():
                found = [
                    self._named(several.related_model, line, place.split("/"), several.name)
                    for place in places
                ]
                getattr(row, several.name).set(found)
        self.remember(table, row, line, after)

    def remember(
        self,
        table: Table[Any],
        row: Any,
        line: ReferenceLine,
        after: Mapping[str, object] | None = None,
        source: str = "",
    ) -> None:
        """Tell the history of a row that was added."""
        subject = getattr(row, table.subject) if table.subject else row
        history.record(
            by=Source(source or line.cells.get("source") or self.source),
            action=table.action,
            subject=subject,
            center=row if isinstance(row, Center) else self.center,
            organisation=row if isinstance(row, Organisation) else None,
            after=_remembered(table, row, line) if after is None else after,
            reason=line.cells.get(table.reason, ""),
        )

    def _read(self, table: Table[Any], to: "models.Field[Any, Any]", line: ReferenceLine) -> object:
        column = table.columns.get(to.name, to.name)
        if callable(column):
            return column(line)
        headings = (column,) if isinstance(column, str) else column
        cells = [line.cell(heading) for heading in headings]
        if isinstance(to, models.ForeignKey):
            if not cells[-1]:
                return None
            if to.name in table.may_be_gone and (to.related_model, tuple(cells)) in self._lines:
                return self.find(to.related_model, *cells)
            return self._named(to.related_model, line, cells, headings[-1])
        if isinstance(to, models.BooleanField):
            return yes(cells[0]) if cells[0] else to.get_default()
        return to.to_python(cells[0]) if cells[0] else (None if to.null else to.get_default())

    def _named(self, model: type[Row], line: ReferenceLine, codes: Sequence[str], at: str) -> Row:
        row = self.find(model, *codes)
        if row is None:
            if model in self._unread or tuple(codes) in self._refused.get(model, ()):
                raise Follows
            title = self._title(self.tables[model].file)
            raise line.refused(_("“%(codes)s” is not in %(file)s."), at, codes="/".join(codes), file=title)
        return row


@dataclass
class _Accepted:
    """A head as its first line says it, with all that belongs to it."""

    line: ReferenceLine
    head: Any
    names: list[str]
    sources: set[str] = field(default_factory=set)
    parts: list[tuple[Table[Any], ReferenceLine, models.Model, list[str]]] = field(default_factory=list)
    is_refused: bool = False


def codes_of(row: models.Model, table: Table[Any]) -> Codes:
    """The natural codes of a row."""
    return tuple(
        reduce(lambda at, name: at and getattr(at, name), lookup.split("__"), row) for lookup in table.codes
    )


def clean(row: models.Model, line: ReferenceLine, table: Table[Any]) -> None:
    """As full_clean, which would look up every foreign key once more; BadFile with what is wrong of each field."""
    keys = [field for field in row._meta.fields if isinstance(field, models.ForeignKey)]
    _raise_in(
        line, table, row.clean_fields, {key.name for key in keys if getattr(row, key.attname) is not None}
    )
    for check in (row.clean, row.validate_unique, row.validate_constraints):
        _raise_in(line, table, check)
    if table.check:
        _raise_in(line, table, table.check, row)


def _raise_in(line: ReferenceLine, table: Table[Any], check: Callable[..., None], *given: Any) -> None:
    try:
        check(*given)
    except ValidationError as error:
        raise BadFile(*_problems_of(error, table, line)) from error


def _problems_of(error: ValidationError, table: Table[Any], line: ReferenceLine) -> list[Problem]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    return [line.problem(one, table.heading_of(name)) for name, errors in by_field.items() for one in errors]


def _value(row: models.Model, name: str) -> object:
    return getattr(row, row._meta.get_field(name).attname)  # type: ignore[union-attr]


def _remembered(table: Table[Any], row: models.Model, line: ReferenceLine) -> Mapping[str, object]:
    if callable(table.remembers):
        return table.remembers(row, line)
    headings = table.remembers or [heading for heading in line.cells if heading != "source"]
    return {heading: cell for heading in headings if (cell := line.cells.get(heading))}
