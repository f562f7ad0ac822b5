"""The mail that reminds somebody of due dates, in Japanese. Pure but for the words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.duties import texts
from agreements.duties.reminder_actions import Due
from agreements.pages import todo
from iconm_portal.models import Center


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent to one person."""

    subject: str
    body: str
    to: str


def compose(center: Center, due: Sequence[Due]) -> Mail:
    """One mail for all that one person is reminded of at a center."""
    person = due[0].person
    with translation.override("ja"):
        late = sum(one.item.is_overdue for one in due)
        subject = (
            ngettext("%(count)s duty overdue (%(center)s)", "%(count)s duties overdue (%(center)s)", late)
            if late
            else ngettext(
                "%(count)s duty falls due soon (%(center)s)",
                "%(count)s duties fall due soon (%(center)s)",
                len(due),
            )
        ) % {"count": late or len(due), "center": center.short_name}
        lines = [
            _("To %(name)s") % {"name": person.name},
            "",
            _("These duties at %(center)s wait for you.") % {"center": center.name},
            "",
            *(line for one in due for line in _paragraph(center, one)),
            _("This mail was sent automatically. What is done meanwhile needs no answer."),
        ]
    return Mail(subject, "\n".join(lines), person.email)


def _paragraph(center: Center, due: Due) -> list[str]:
    item = due.item
    late = texts.late(item)
    beside = "、".join(texts.beside_the_date(item))
    address = f"{settings.PORTAL_URL}{todo.address_of(item, center)}" if settings.PORTAL_URL else ""
    return [
        f"■ {item}",
        _("Due date: %(day)s") % {"day": texts.when(item)} + (f"（{beside}）" if beside else ""),
        *([late] if late else []),
        _("Basis: %(basis)s") % {"basis": texts.basis(item.obligation)},
        *([address] if address else []),
        "",
    ]
