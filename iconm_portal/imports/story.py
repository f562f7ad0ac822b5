"""A story as data: dated deeds, one a line, which people of both sides do through the portal's own actions.

    {day = 2026-10-09, who = "foundation", does = "consultations: decline", consultation = "exhibition", reason = "…"},

`does` names actions of one subject, done one after the other. What an action asks for is said under its own name and read
by its type: a row by its codes or by the name that an earlier deed gave to what it made (`as`), a dataclass by its
fields or by the first of them alone, rows of a list by a CSV file beside the story. Who acts, when, the center and the
version that is there need no word; what the action before has made is what the next one is about. A story writes no row
itself, so that it shows nothing that people could not have done.
"""

import inspect
import mimetypes
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import zip_longest
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from iconm_portal.forms.files import CheckedFile
from iconm_portal.imports.reference_files import Loader, Table
from iconm_portal.imports.reference_lines import lines
from iconm_portal.models import User
from iconm_portal.values.fiscal import FiscalYear

Said = Any
"""What the file says: a text, a number, a day, a list or a table of such."""
Subjects = Mapping[str, Sequence[ModuleType]]
"""The modules whose functions are a subject's actions."""


class BadStory(ValueError):
    """A deed that cannot be done as it is told; the message names the file and the deed."""


def at(day: date) -> datetime:
    """Half past ten in the morning of that day in Japan."""
    return datetime.combine(day, time(10, 30), tzinfo=ZoneInfo(settings.TIME_ZONE))


@dataclass
class Player:
    """Acts stories out for the loader's center, each in the order of its days: a chapter may go back in time, and what is
    done rests on what was done before."""

    loader: Loader
    people: Mapping[str, User]
    _folder: Path = Path()
    _words: Mapping[str, Any] = field(default_factory=dict)
    _made: dict[str, models.Model] = field(default_factory=dict)

    def perform(
        self,
        folder: Path,
        tables: Collection[Table[Any]],
        subjects: Subjects,
        words: Mapping[str, Any] | None = None,
        *,
        story: str = "story.toml",
    ) -> None:
        """Load the folder's facts and do the deeds of its story; a deed that fails is named in the error's notes.

        `words` are the types of what actions ask for without saying of which type it is. `story`: what is told after
        other subjects' stories, because it rests on them, stands in a file of its own.
        """
        self.loader.load(folder, tables)
        self._folder, self._words = folder, words or {}
        told = tomllib.loads((folder / story).read_text("utf-8"), parse_float=Decimal)
        for number, deed in sorted(enumerate(told["story"], 1), key=lambda one: one[1]["day"]):
            try:
                self._do(subjects, **deed)
            except Exception as error:
                error.add_note(f"{folder / story}, deed {number}: {deed}")
                raise

    def _do(self, subjects: Subjects, *, day: date, who: str, does: str, **said: Said) -> None:
        name = said.pop("as", "")
        subject, _colon, steps = does.partition(": ")
        made: models.Model | None = None
        heard: set[str] = set()
        for step in steps.split(", "):
            modules = [module for module in subjects.get(subject, ()) if hasattr(module, step)]
            if not modules:
                raise BadStory(f"nobody can do “{subject}: {step}”")
            action = getattr(modules[0], step)
            given = {"by": self.people[who], "at": at(day), "center": self.loader.center}
            result = action(**self._arguments(action, given, said, made))
            heard |= said.keys() & inspect.signature(action).parameters.keys()
            made = result if isinstance(result, models.Model) else made
        if unheard := said.keys() - heard:
            raise BadStory(f"nothing asks for {', '.join(unheard)}")
        if name and made:
            self._made[name] = made

    def _arguments(
        self,
        action: Callable[..., object],
        given: Mapping[str, object],
        said: Mapping[str, Said],
        made: models.Model | None,
    ) -> dict[str, object]:
        arguments: dict[str, Any] = {}
        for name, parameter in inspect.signature(action, eval_str=True).parameters.items():
            hint = self._words.get(name, Any) if parameter.annotation is Any else parameter.annotation
            if name in given:
                arguments[name] = given[name]
            elif made and hint is type(made):
                arguments[name] = _as_it_is(made)
            elif name in said:
                arguments[name] = self._value(hint, said[name])
            elif name == "version" and parameter.default is parameter.empty:
                versions = (getattr(argument, "version", None) for argument in arguments.values())
                arguments[name] = next((version for version in versions if version is not None), 0)
        return arguments

    def _value(self, hint: Any, said: Said) -> Any:
        """What is said, as an action wants it."""
        if hint is Any:
            return said
        origin, inside = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            return (
                None if said == "" else self._value(next(one for one in inside if one is not NoneType), said)
            )
        if origin is tuple:
            return self._several(inside, said)
        if origin is not None and issubclass(origin, Mapping):
            of, to = inside
            return {self._value(of, key): self._value(to, value) for key, value in said.items()}
        if origin is not None and issubclass(origin, Iterable):
            rows = self._rows(said) if isinstance(said, str) else said
            return [self._value(inside[0], one) for one in rows]
        return self._plain(hint, said)

    def _plain(self, kind: type[Any], said: Said) -> Any:
        if kind is CheckedFile:
            name, text = said
            return CheckedFile(name, mimetypes.guess_type(name)[0] or "", f"{text}\n".encode())
        if issubclass(kind, models.Model):
            return self._row(kind, str(said))
        if is_dataclass(kind) and kind is not FiscalYear:
            hints, names = _hints(kind), [one.name for one in fields(kind)]
            parts = said if isinstance(said, Mapping) else {names[0]: said}
            return kind(**{name: self._value(hints[name], one) for name, one in parts.items()})
        if kind is FiscalYear:
            return FiscalYear(int(said))
        if kind is date:
            return said if isinstance(said, date) else date.fromisoformat(said)
        if kind is bool:
            return said in (True, "yes")
        if issubclass(kind, (Enum, Decimal, int, str)):
            return kind(said)
        raise BadStory(f"no story can say what a {kind.__name__} is")

    def _several(self, kinds: Sequence[Any], said: Said) -> tuple[Any, ...]:
        """Parts of a text with spaces, of a list, or of a file's line: the first under its model's name, then the rest."""
        if isinstance(said, Mapping):
            name = kinds[0]._meta.model_name
            said = [said[name], {key: value for key, value in said.items() if key != name}]
        parts = said.split(" ") if isinstance(said, str) else said
        return tuple(self._value(kind, one) for kind, one in zip_longest(kinds, parts, fillvalue=""))

    def _row(self, model: type[models.Model], said: str) -> models.Model:
        """The row as it is now, by the name that a deed gave it or by its codes: “growth/media”."""
        if isinstance(self._made.get(said), model):
            return _as_it_is(self._made[said])
        table, codes = self.loader.tables.get(model), said.split("/")
        if table is None:
            raise BadStory(f"no deed has made the {model._meta.model_name} “{said}”")
        if not hasattr(model, "version") and (row := self.loader.find(model, *codes)):
            return row
        lookups = dict(zip(table.codes, codes, strict=True))
        rows = model._default_manager.select_related()
        return rows.get(**lookups, **table.fixed, **{table.center: self.loader.center})

    def _rows(self, file: str) -> Iterable[dict[str, str]]:
        """The lines of a CSV file beside the story, without blanks."""
        for line in lines(self._folder / file):
            yield {heading: cell for heading, cell in line.cells.items() if cell}


def _as_it_is(row: models.Model) -> models.Model:
    return type(row)._default_manager.select_related().get(pk=row.pk)


@cache
def _hints(of: Callable[..., object]) -> Mapping[str, Any]:
    return get_type_hints(of)
