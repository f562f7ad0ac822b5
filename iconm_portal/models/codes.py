"""Codes that identify things in addresses and sheets, and the constraint for a time with its person."""

import re
from collections.abc import Callable
from typing import Any, Final

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

LONGEST_CODE: Final = 40

# First parts of addresses that are not centers.
RESERVED_CODES = """
    account admin api audit begin calendar centers health history i18n language login logout
    media open organisations packs password people static
""".split()

validate_code = RegexValidator(
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\Z",
    _("Use small letters, digits and single hyphens, beginning with a letter."),
)


def CodeField(**kwargs: Any) -> models.CharField:  # noqa: N802 - it stands where a field class stands
    """An immutable code that identifies something in addresses and sheets."""
    return models.CharField(_("Code"), max_length=LONGEST_CODE, validators=[validate_code], **kwargs)


def paired(field: str, name: str) -> models.CheckConstraint:
    """`<field>_at` and `<field>_by` are both there or both missing."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}_at__isnull": True, f"{field}_by__isnull": True})
        | Q(**{f"{field}_at__isnull": False, f"{field}_by__isnull": False}),
        name=name,
        violation_error_message=_("A time and its person are recorded together."),
    )


def code_words(plain: str) -> list[str]:
    """The letters and digits of ASCII in a text of small letters, in words of which the first begins with a letter."""
    words = re.findall(r"[a-z0-9]+", plain)
    while words and not words[0][0].isalpha():
        words.pop(0)
    return words


def numbered_code(code: str, is_taken: Callable[[str], bool]) -> str:
    """The code, numbered from the second on where it is taken: media, media-2."""
    number, numbered = 1, code
    while is_taken(numbered):
        number += 1
        numbered = f"{code[: LONGEST_CODE - len(str(number)) - 1].rstrip('-')}-{number}"
    return numbered
