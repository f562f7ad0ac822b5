"""Texts as they are kept where width means nothing (codes, user names), and as pages join them."""

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
