"""Choices kept in the database: a row holds the member of the enumeration, never the bare text.

So a question about a kind, a state or a stage is asked of the member itself (`report.state.is_editable`), where one
`match` answers it for every member and ends in `assert_never`: mypy refuses a member that was forgotten, and so does
tests/repository/test_enumerations.py. What comes from outside (a form, an address, a file) becomes a member where it is read.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any, Literal, TypeVar, overload

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

E = TypeVar("E", bound=models.TextChoices | StrEnum)


class _EnumAttribute(DeferredAttribute):
    """Makes `row.stage = "budget"` a Stage at once; what is no member is left to validation and to the database."""

    field: "_EnumField"

    def __set__(self, row: models.Model, value: object) -> None:
        row.__dict__[self.field.attname] = self.field.member_of(value)


class _EnumField(models.CharField):
    descriptor_class = _EnumAttribute

    def __init__(self, *args: Any, enumeration: type[Enum] | None = None, **kwargs: Any) -> None:
        self.members: dict[object, Enum] = {one.value: one for one in enumeration or ()}
        self.enumeration = enumeration
        super().__init__(*args, **kwargs)

    def member_of(self, value: object) -> object:
        return self.members.get(value, value) if type(value) is str else value

    def from_db_value(self, value: str | None, expression: object, connection: BaseDatabaseWrapper) -> object:
        return self.member_of(value)

    def to_python(self, value: Any) -> Any:
        return self.member_of(super().to_python(value))

    def deconstruct(self) -> Any:
        """A text with choices: migrations need not know more."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


@overload
def EnumField(
    enumeration: type[E],
    label: Any = None,
    *,
    blank: Literal[True],
    max_length: int = 20,
    words: Mapping[E, Any] | None = None,
) -> "models.CharField[E | Literal[''], E | Literal['']]": ...


@overload
def EnumField(
    enumeration: type[E],
    label: Any = None,
    *,
    max_length: int = 20,
    words: Mapping[E, Any] | None = None,
    default: E = ...,
) -> "models.CharField[E, E]": ...


def EnumField(  # noqa: N802 - stands where a field class stands
    enumeration: type[Any], label: Any = None, *, max_length: int = 20, words: Any = None, **options: Any
) -> Any:
    """One member of the enumeration; `words` are its labels where it carries none itself. Blank is the empty text."""
    choices = list(words.items()) if words else enumeration
    return _EnumField(label, max_length=max_length, choices=choices, enumeration=enumeration, **options)
