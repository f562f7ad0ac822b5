"""Why what was sent was not done: how actions say it, and how forms and pages show it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from iconm_portal.history import guards


class Conflict(Exception):
    """Somebody else changed it since the version that the person saw."""


class Undecided(Conflict):
    """Both versions were shown, and for a field that both changed it was not said which one stays."""


class Gone(Exception):
    """Somebody discarded it meanwhile. None of `Refused`: there is no page any more on which a view could say so, so that
    one place answers for all (`iconm_portal/site/gone.py`). `typed`: labels and texts of what was to be saved."""

    typed: Sequence[tuple[str, str]] = ()


class WrongStep(Exception):
    """The item is not in a state from which this step can be taken."""


class SamePerson(Exception):
    """Nobody settles both sides: whoever put it forward cannot accept or confirm it."""


class SameSide(Exception):
    """The side that proposed cannot confirm or decline; it can take its proposal back."""


# How an action says that a step cannot be taken.
Refused = (Conflict, WrongStep, SamePerson, SameSide, ValidationError)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One refusal, for the summary above a sheet of many forms; `target` is the id of the field."""

    label: str
    message: str
    target: str


def wrongs_of(form: forms.Form, line: str = "") -> Iterator[Wrong]:
    """The refusals of one form; `line` names what it is about, where several forms have the same fields."""
    for name, messages in form.errors.items():
        bound = None if name == NON_FIELD_ERRORS else form[name]
        label = line or (str(bound.label) if bound else "")
        for message in messages:
            yield Wrong(label, str(message), bound.auto_id if bound else "")


def typed_texts(sent: Iterable[Any]) -> list[tuple[str, str]]:
    """What was typed into forms that were sent, each text with what its field is called."""
    return [
        (str(bound.label), str(text))
        for form in sent
        if isinstance(form, forms.BaseForm)
        for bound in form.visible_fields()
        if (text := bound.data) and str(text).strip() and not isinstance(bound.field, forms.FileField)
    ]


def add_refusals(form: forms.BaseForm, error: ValidationError) -> None:
    """What the action refused, at the fields that it names; the rest above the form."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, refusals in by_field.items():
        form.add_error(field if field in form.fields else None, ValidationError(refusals))


def kept_text(error: DatabaseError) -> str | None:
    """What a person reads where the database kept what the portal's own rules would have let go; None for other errors."""
    if not guards.refused(error):
        return None
    return _(
        "Nothing was saved: this is settled, or something that is settled rests on it, and the database keeps it as it is."
    )


def refusal_text(error: Exception, state: str) -> str:
    """Why a step could not be taken, and what to do. `state` is the word for the state that the thing is in now."""
    match error:
        case Undecided():
            return _("Nothing was saved: choose at each field that both changed which text stays.")
        case Conflict():
            return _(
                "Someone changed this after you opened it, so nothing was done."
                " Look at it again before you go on."
            )
        case WrongStep():
            return _("This is now “%(state)s”, so the step can no longer be taken.") % {"state": state}
        case SamePerson():
            return _("You put this forward yourself. Someone on the other side must answer it.")
        case SameSide():
            return _("Your side put this forward. The other side must answer it.")
        case ValidationError():
            return " ".join(error.messages)
    raise error
