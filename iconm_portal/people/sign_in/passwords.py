"""What a password must be worth: nobody who knows the portal, the city and the person should guess it."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

from iconm_portal.models import Center, Organisation, User
from iconm_portal.values.text import listed

# Of zxcvbn's five grades 0–4: 3 stands for more than 10^8 guesses, out of reach for whoever has to ask the portal.
LEAST_GRADE = 3
# Guesses, as a power of ten, that what is left without the names of here must be worth; of whatever signs it is made.
LEAST_OF_ONES_OWN = 10
# zxcvbn tries every part of a text; what stands behind this can only add to its worth.
READ_CHARACTERS = 72
# What a stranger tries first, seeing the portal's own first page.
OF_THE_PORTAL = ("portal", "iconm", "kawasaki", "nanomedicine", "kingskyfront", "administrator", "foundation")


class NotGuessable:
    """A validator of AUTH_PASSWORD_VALIDATORS: refuses common words, names of here, repeats, rows of keys and dates, put
    together however."""

    def validate(self, password: str, user: User | None = None) -> None:
        """ValidationError that names the parts by which the password would be guessed."""
        names = _names_of_here(user)
        found = zxcvbn(password[:READ_CHARACTERS], user_inputs=sorted(names))
        if found["score"] >= LEAST_GRADE and _is_more_than(names, password):
            return
        parts = [_in_words(part) for part in found["sequence"] if part["pattern"] != "bruteforce"]
        if not parts:
            raise ValidationError(
                _("This password is soon found by trying: make it longer."), code="guessable"
            )
        raise ValidationError(
            _(
                "This password is soon guessed: it is made of %(parts)s. Put several words together that have"
                " nothing to do with each other, nor with you or your work."
            ),
            code="guessable",
            params={"parts": listed(parts)},
        )

    def get_help_text(self) -> str:
        return _("Not made of common words, names, dates or repeated letters.")


def _in_words(part: Mapping[str, Any]) -> str:
    """A part by which zxcvbn guesses, and what makes it easy: said twice, in a row, a day."""
    match part["pattern"]:
        case "repeat":
            return _("the repeated “%(text)s”") % {"text": part["base_token"]}
        case "sequence":
            return _("the sequence “%(text)s”") % {"text": part["token"]}
        case "spatial":
            return _("the row of keys “%(text)s”") % {"text": part["token"]}
        case "date":
            return _("the date “%(text)s”") % {"text": part["token"]}
        case _:
            return _("“%(text)s”") % {"text": part["token"]}


def _is_more_than(names: set[str], password: str) -> bool:
    """Whether anything worth the name is left without the names.

    zxcvbn takes a name that is said twice, or a name with a year, for more than it is worth where everybody knows the names.
    """
    left = password.casefold()
    for name in sorted(names, key=len, reverse=True):
        left = left.replace(name.casefold(), " ")
    left = left[:READ_CHARACTERS]
    return bool(left.strip()) and zxcvbn(left)["guesses_log10"] >= LEAST_OF_ONES_OWN


def _names_of_here(user: User | None) -> set[str]:
    """Words that a password is not worth anything for, here."""
    return set(OF_THE_PORTAL) | set(_names_of_organisations()) | set(_names_of(user) if user else ())


def _names_of_organisations() -> Iterator[str]:
    """Codes and names of organisations and centers, whole and by their parts."""
    for kind in (Organisation, Center):
        for names in kind._default_manager.values_list("code", "name", "name_en"):
            yield from _parts(" ".join(names))


def _names_of(user: User) -> Iterator[str]:
    yield from _parts(f"{user.username} {user.name} {user.email}")


@lru_cache(maxsize=256)
def _parts(names: str) -> frozenset[str]:
    words = names.replace("-", " ").replace("_", " ").replace(".", " ").replace("@", " ").split()
    return frozenset(word for word in (*words, *names.split()) if len(word) > 2)
