"""The mail that reminds somebody of due dates, in Japanese. Pure but for the words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.duties import texts
from agreements.duties.items import Item
from agreements.duties.reminder_actions import Due
from agreements.instruments.addresses import address
from agreements.pages import todo
from iconm_portal.display.template_tags import era_date
from iconm_portal.models import Center
from iconm_portal.values.text import listed


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent to one person."""

    subject: str
    body: str
    to: str


def _summary_note() -> str:
    return _("The names of the duties above are our own summaries of the articles, not their wording.")


def compose(center: Center, due: Sequence[Due]) -> Mail:
    """One mail for all that one person is reminded of at a center."""
    person = due[0].person
    with translation.override("ja"):
        late = sum(one.what.is_overdue for one in due)
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
            *([_summary_note()] if any(isinstance(one.what, Item) for one in due) else []),
            _("This mail was sent automatically. What is done meanwhile needs no answer."),
        ]
    return Mail(subject, "\n".join(lines), person.email)


def _paragraph(center: Center, due: Due) -> list[str]:
    if isinstance(due.what, Item):
        item = due.what
        said, beside = texts.late(item), listed(texts.beside_the_date(item))
        basis, page = texts.basis(item.obligation), todo.address_of(item, center)
    else:
        said, beside, basis = "", "", due.what.agreement.title
        page = address("agreements:agreement", center, due.what.agreement)
    url = f"{settings.PORTAL_URL}{page}" if settings.PORTAL_URL else ""
    return [
        f"■ {due.title}",
        _("Due date: %(day)s") % {"day": era_date(due.due_on)} + (f"（{beside}）" if beside else ""),
        *([said] if said else []),
        *_how(due),
        _("Basis: %(basis)s") % {"basis": basis},
        *([url] if url else []),
        "",
    ]


def _how(due: Due) -> list[str]:
    """What in the portal fulfils it, or that it has to be stored first."""
    if not isinstance(due.what, Item):
        return []
    if deed := texts.fulfilled_by(due.what.obligation):
        return [
            _("In the portal it is fulfilled by: %(deed)s. It is not asked for a second time.")
            % {"deed": deed}
        ]
    is_unstored = not due.what.is_stored and not due.what.obligation.verification
    return [_("Not stored yet: store it in the portal, then hand it in.")] if is_unstored else []
