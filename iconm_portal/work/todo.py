"""What a person has to do: one value for all apps. Each app's `todo.py` lists its own, the home page joins them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from iconm_portal.display.template_tags import era_date_short


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the person: what, where it is done, since when or until when."""

    title: str
    url: str
    due: date | None = None
    since: date | None = None
    is_overdue: bool = False
    mark: str = ""  # what stands beside it: 未登録
    is_summary: bool = False  # its name is the portal's own summary of what an article asks for: 要旨
    store_url: str = ""  # where one click stores it, by POST, so that it can be worked on

    @property
    def overdue(self) -> str:
        """The word that marks it as late, or nothing."""
        return _("Overdue") if self.is_overdue else ""

    @property
    def note(self) -> str:
        """Until when, or since when."""
        if self.due:
            return _("due %(day)s") % {"day": era_date_short(self.due)}
        return _("since %(day)s") % {"day": era_date_short(self.since)} if self.since else ""


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """What is late first, then by date; what has none comes last."""
    return sorted(
        tasks, key=lambda task: (not task.is_overdue, task.due or task.since or date.max, task.title)
    )
