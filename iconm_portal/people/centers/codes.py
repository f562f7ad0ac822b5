"""Codes of organisations and centers: suggested from the name, taken once and for all."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from iconm_portal.models import (
    LONGEST_CODE,
    RESERVED_CODES,
    Center,
    HistoryEvent,
    Organisation,
    code_words,
    numbered_code,
)

# The last part of an address that stands where a code would.
_ADDRESSES: Final = ("new",)
# What a name without letters of the alphabet is called by: the word that it ends with, or that stands in it.
_WORDS: Final = {
    "都": "metropolis",
    "道": "prefecture",
    "府": "prefecture",
    "県": "prefecture",
    "市": "city",
    "区": "ward",
    "町": "town",
    "村": "village",
    "財団": "foundation",
    "大学": "university",
    "協会": "association",
    "公社": "corporation",
    "会社": "company",
    "機構": "agency",
    "組合": "union",
    "図書館": "library",
    "美術館": "museum",
    "博物館": "museum",
    "会館": "hall",
    "ホール": "hall",
    "プラザ": "plaza",
    "センター": "center",
    "公園": "park",
    "病院": "hospital",
    "学校": "school",
}


def suggested(
    name: str, name_en: str = "", *, otherwise: str, is_taken: Callable[[str], bool] = lambda code: False
) -> str:
    """A readable code: the English name, else the letters in the name, else what the name ends with, else `otherwise`.

    Numbered where it is taken: umikaze-city, umikaze-city-2.
    """
    code = _slug(name_en) or _slug(name) or _word(name) or otherwise
    return numbered_code(code, lambda one: one in (*RESERVED_CODES, *_ADDRESSES) or is_taken(one))


def is_taken(model: type[Organisation] | type[Center], code: str) -> bool:
    """Whether something has the code, or had it: what was deleted stays in the history under its own."""
    key = model(code=code).history_key()
    return (
        model.objects.filter(code=code).exists()
        or HistoryEvent.objects.filter(subject=key, action__endswith=".delete").exists()
    )


def refuse_taken(model: type[Organisation] | type[Center], code: str) -> None:
    """ValidationError at the code; also for one that is a word in an address."""
    if code in _ADDRESSES:
        raise ValidationError({"code": _("This code is reserved for an address of the portal.")})
    if is_taken(model, code):
        raise ValidationError({"code": _("This code is taken.")})


def _slug(text: str) -> str:
    """The letters and digits of ASCII in a text, in words; empty where they are too few to be read."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    code = "-".join(code_words(plain.replace("'", "")))
    if len(code) > LONGEST_CODE:
        code = code[: LONGEST_CODE + 1].rpartition("-")[0] or code[:LONGEST_CODE]
    return code if len(re.sub(r"[^a-z]", "", code)) > 1 else ""


def _word(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).strip()
    ending = next((word for part, word in _WORDS.items() if plain.endswith(part)), "")
    return ending or next((word for part, word in _WORDS.items() if len(part) > 1 and part in plain), "")
