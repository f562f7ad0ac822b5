"""Reference tables as data: folders of CSV files that become rows, each file described by one map.

A row is known by its codes. An identical row is skipped, a differing one reported, none is ever overwritten: what has
been corrected in the portal stays. Whatever is added leaves its event in the history, under the source that its line
names instead of a person. A file that is not as its map says is refused with file and line.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import groupby
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.imports.reference_lines import BadFile, ReferenceLine, lines, yes
from iconm_portal.models import Center, Organisation, ReviewState

Row = TypeVar("Row", bound=models.Model)
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
    """Foreign keys to rows that people may have taken away since; they stay empty then."""
    complete: Callable[[Row], None] | None = None
    """Sets what follows from the cells."""
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
    put: "Callable[[Loader, Path], None] | None" = None
    """How rows come in that are no rows of this file alone; None: each by itself."""

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

    @property
    def headings(self) -> set[str]:
        """The headings that the map itself reads."""
        named = (column for column in self.columns.values() if not callable(column))
        return {*self.beside, "source"}.union(*([one] if isinstance(one, str) else one for one in named))


# -- Into the database --


@dataclass
class LoadResult:
    """What a load did: added, skipped as identical, and left alone although it differs."""

    added: int = 0
    identical: int = 0
    differing: list[str] = field(default_factory=list)

    def compare(self, stored: models.Model, read: models.Model, names: Collection[str], place: Codes) -> None:
        """Count the stored row as identical, or note in which of the fields it differs from what was read."""
        differences = [
            f"{name}: {getattr(stored, name)!s} ≠ {getattr(read, name)!s}"
            for name in names
            if _value(stored, name) != _value(read, name)
        ]
        if differences:
            self.differ(stored, place, "; ".join(differences))
        else:
            self.identical += 1

    def differ(self, row: models.Model | type[models.Model], place: Codes, how: str) -> None:
        """Note what is otherwise in the database, and stays so."""
        self.differing.append(f"{row._meta.label} {'/'.join(map(str, place))}: {how}")


@dataclass
class Loader:
    """Brings files into the database for one center."""

    center: Center | None = None
    result: LoadResult = field(default_factory=LoadResult)
    tables: dict[type[models.Model], Table[Any]] = field(default_factory=dict)
    _rows: dict[type[models.Model], dict[Codes, Any]] = field(default_factory=dict)

    def know(self, tables: Collection[Table[Any]]) -> None:
        """Let lines name rows of these tables."""
        self.tables |= {table.model: table for table in tables}

    @transaction.atomic
    def load(self, folder: Path, tables: Collection[Table[Any]]) -> None:
        """Add what is missing, file by file; a folder need not have all of them. BadFile for what cannot be read."""
        self.know(tables)
        for table in tables:
            if not (folder / table.file).exists():
                continue
            if table.put:
                table.put(self, folder)
                continue
            for line, row, names in self.read(folder, table):
                self.add_or_compare(table, line, row, names)

    def read(self, folder: Path, table: Table[Row]) -> Iterator[tuple[ReferenceLine, Row, list[str]]]:
        """Each line of the table's file, with the row that it makes, not saved, and the names of the fields it says."""
        several = {field.name: field for field in table.model._meta.many_to_many}
        fields = {field.name: field for field in table.model._meta.concrete_fields}
        for line in lines(folder / table.file):
            if strange := line.cells.keys() - fields.keys() - several.keys() - table.headings:
                raise line.refused(f"nothing reads the column “{strange.pop()}”")
            row = table.model(**{name: value for name, value in table.fixed.items() if name in fields})
            if table.center == "center":
                row.center = self.center  # type: ignore[attr-defined]
            names = [name for name in fields if table.says(name, line)]
            for name in names:
                try:
                    setattr(row, name, self._read(table, fields[name], line))
                except (ValueError, ArithmeticError, ValidationError) as error:
                    if isinstance(error, BadFile):
                        raise
                    raise line.refused(f"{name}: {_message(error)}") from error
            if table.complete:
                table.complete(row)
            yield line, row, names

    def load_accepted(self, folder: Path, heads: Table[Any], parts: Sequence[Table[Any]], link: str) -> None:
        """Rows that lock with the acceptance of what they belong to: each line of the parts says of which head it is.

        A head that is not there is added with all its parts, accepted and remembered as one; its source is that of its
        lines. Of one that is there, what differs is reported, and what it lacks.
        """
        self.know([heads, *parts])
        found: dict[Codes, _Accepted] = {}
        for part in parts:
            of_part = self.read(folder, replace(heads, file=part.file))
            for (line, head, names), (_line, row, row_names) in zip(
                of_part, self.read(folder, part), strict=True
            ):
                one = found.setdefault(codes_of(head, heads), _Accepted(line, head, names))
                if any(_value(one.head, name) != _value(head, name) for name in names if name != "source"):
                    raise line.refused(f"says otherwise of its {link} than line {one.line.number}")
                setattr(row, link, one.head)
                one.sources.add(line.cell("source"))
                one.parts.append((part, line, row, row_names))
        for codes, one in found.items():
            one.head.source = "・".join(sorted(one.sources, reverse=True))
            if stored := self.find(heads.model, *codes):
                self.result.compare(stored, one.head, one.names, codes)
                for part, _line, row, names in one.parts:
                    place = codes_of(row, part)
                    if held := self.find(part.model, *place):
                        self.result.compare(held, row, [name for name in names if name != link], place)
                    else:
                        self.result.differ(row, place, "missing in the database")
            else:
                self._add_accepted(heads, one)

    def _add_accepted(self, heads: Table[Any], one: "_Accepted") -> None:
        head, known_from = one.head, one.head.known_from
        head.known_from = None
        _clean(head, one.line)
        head.save()
        for part, rows in groupby(one.parts, key=lambda part: part[0].model):
            part._default_manager.bulk_create(row for _part, _line, row, _names in rows)
        # The parts lock with the acceptance, so it comes last.
        head.state, head.known_from = ReviewState.ACCEPTED, known_from
        head.save(update_fields=["state", "known_from"])
        after = dict(_remembered(heads, head, one.line))
        for part, line, row, _names in one.parts:
            after |= _remembered(part, row, line)
        self.remember(heads, head, one.line, after, source=head.source)
        self.result.added += 1 + len(one.parts)

    def find(self, model: type[Row], *codes: object) -> Row | None:
        """The center's row with these codes; None where there is none."""
        return self.rows(model).get(codes)

    def named(self, model: type[Row], line: ReferenceLine, *headings: str) -> Row:
        """The row whose codes stand under the headings; BadFile where there is none."""
        return self._named(model, line, [line.cell(heading) for heading in headings])

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
        _clean(row, line)
        row.save()
        for several in table.model._meta.many_to_many:
            if places := line.cells.get(several.name, "").split():
                found = [self._named(several.related_model, line, place.split("/")) for place in places]
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
            by=Source(source or line.cell("source")),
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
            if to.name in table.may_be_gone:
                return self.find(to.related_model, *cells)
            return self._named(to.related_model, line, cells)
        if isinstance(to, models.BooleanField):
            return yes(cells[0])
        return to.to_python(cells[0]) if cells[0] else (None if to.null else to.get_default())

    def _named(self, model: type[Row], line: ReferenceLine, codes: Sequence[str]) -> Row:
        row = self.find(model, *codes)
        if row is None:
            raise line.refused(f"there is no {model._meta.model_name} “{'/'.join(codes)}”")
        return row


@dataclass
class _Accepted:
    """A head as its first line says it, with all that belongs to it."""

    line: ReferenceLine
    head: Any
    names: list[str]
    sources: set[str] = field(default_factory=set)
    parts: list[tuple[Table[Any], ReferenceLine, models.Model, list[str]]] = field(default_factory=list)


def codes_of(row: models.Model, table: Table[Any]) -> Codes:
    """The natural codes of a row."""
    return tuple(
        reduce(lambda at, name: at and getattr(at, name), lookup.split("__"), row) for lookup in table.codes
    )


def _clean(row: models.Model, line: ReferenceLine) -> None:
    """As full_clean, which would look up every foreign key once more."""
    keys = [field for field in row._meta.fields if isinstance(field, models.ForeignKey)]
    try:
        row.clean_fields(exclude={key.name for key in keys if getattr(row, key.attname) is not None})
        row.clean()
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as error:
        raise line.refused(_message(error)) from error


def _value(row: models.Model, name: str) -> object:
    return getattr(row, row._meta.get_field(name).attname)  # type: ignore[union-attr]


def _remembered(table: Table[Any], row: models.Model, line: ReferenceLine) -> Mapping[str, object]:
    if callable(table.remembers):
        return table.remembers(row, line)
    headings = table.remembers or [heading for heading in line.cells if heading != "source"]
    return {heading: cell for heading in headings if (cell := line.cells.get(heading))}


def _message(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(error.messages)
    return str(error) or type(error).__name__
