"""What was settled on something that was corrected since, as tasks of the side that can put it right."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.standing.changes import Unsettled
from iconm_portal.work.todo import Task, in_order


def tasks(user: User, center: Center, found: Iterable[Unsettled]) -> list[Task]:
    """A task for each thing that waits for the person's side, until it is answered; no queries."""
    if not allowed(user, center, Right.SETTLE_JOINTLY):
        return []
    side = center.side_of(user)
    return in_order(_task(center, one) for one in found if one.waits_for(side))


def _task(center: Center, one: Unsettled) -> Task:
    words = {"changed": one.word, "thing": one.settled.label}
    if one.answer is not None:
        url = reverse("standing:answer", kwargs={"center": center.code, "answer": one.answer.pk})
        title = _("%(changed)s: confirm or decline that it stands as it is: %(thing)s")
        return Task(title % words, url, since=one.since)
    return Task(_("%(changed)s: %(thing)s") % words, one.settled.url, since=one.since)
