"""The words of the preview of a filled-in sheet."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.reports.entry import names
from kpi.reports.upload.comparison import Comparison


def finding(found: Comparison) -> str:
    """What applying would do, in words."""
    if not found.differences:
        return _("The file says the same as the draft. There is nothing to apply.")
    if not found.is_to_apply:
        return _("The file changes nothing. What differs was changed in the portal after the download.")
    taken, disputed = len(found.taken), len(found.disputed)
    parts = []
    if taken:
        text = ngettext("%(number)s field would change.", "%(number)s fields would change.", taken)
        parts.append(text % {"number": taken})
    if disputed:
        text = ngettext(
            "%(number)s field was changed on both sides: you choose.",
            "%(number)s fields were changed on both sides: you choose.",
            disputed,
        )
        parts.append(text % {"number": disputed})
    return " ".join(parts)


def kept(found: Comparison) -> str:
    """That fields changed in the portal after the download stay as they are; empty where there are none."""
    number = len(found.kept)
    if not number:
        return ""
    return ngettext(
        "%(number)s field was changed in the portal after the download and not in the file: it stays.",
        "%(number)s fields were changed in the portal after the download and not in the file: they stay.",
        number,
    ) % {"number": number}


def missing(found: Comparison) -> str:
    """The indicators without a row in the file; empty where all have one."""
    if not found.missing:
        return ""
    return _("Not in the file, so left as stored: %(names)s") % {"names": names(found.missing)}


def applied(number: int) -> str:
    """How many indicators were changed, and what comes next."""
    return ngettext(
        "The sheet was applied: %(number)s indicator changed. Look at it, then submit.",
        "The sheet was applied: %(number)s indicators changed. Look at them, then submit.",
        number,
    ) % {"number": number}
