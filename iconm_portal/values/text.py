"""Texts as they are compared: the letters that people type in another width are the same letters."""

import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def normalised(text: str) -> str:
    """NFKC: full-width letters and digits become the ordinary ones."""
    return unicodedata.normalize("NFKC", text).strip()


def listed(parts: Iterable[str]) -> str:
    """Things in one line, as the reader's language parts them (甲、乙 or A, B); what is empty is left out."""
    return pgettext("between items of a list", ", ").join(filter(None, parts))


def bracketed(remark: object) -> str:
    """A remark in the brackets of the reader's language: （決算見込）."""
    return _("(%(remark)s)") % {"remark": remark}


def folded(text: str) -> str:
    """What a search compares: NFKC, without regard to capital letters and to spaces (山田　太郎 is 山田太郎)."""
    return "".join(normalised(text).casefold().split())
