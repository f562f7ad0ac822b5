"""The kinds of long work, each a function that is known by a name.

    @work("kpi.pack", label=_("Committee pack"))
    def make_pack(job: Job, progress: Progress) -> CheckedFile | None:
        for number, part in enumerate(parts, start=1):
            ...
            progress(number, len(parts))
        job.next_url = reverse(...)     # where the person goes on
        return CheckedFile(...)         # or what there is to download

A worker may be killed at any moment, and the work begun again by another one. So what it writes is one transaction, or is
found and gone on with; `progress.hold()` inside a transaction makes sure that the job is still this run's until its end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.urls import get_resolver
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from iconm_portal.forms.files import CheckedFile
from iconm_portal.models import Job
from iconm_portal.work.progress import Progress


class Failed(Exception):
    """The work cannot be done, for a reason that the person can do something about: an msgid, or a text."""


Work = Callable[[Job, Progress], CheckedFile | None]


@dataclass(frozen=True)
class Kind:
    """What is done, and what that is called: a name, for it stands above the result too."""

    do: Work
    label: "str | Promise"
    is_nightly: bool = False


_KINDS: dict[str, Kind] = {}


def work(kind: str, *, label: "str | Promise" = "", is_nightly: bool = False) -> Callable[[Work], Work]:
    """Register the function that does jobs of this kind; `label` names the work, at work and done alike.

    Nightly work is begun by the workers, once a day, and its module is named in settings.NIGHTLY_WORK.
    """

    def register(do: Work) -> Work:
        _KINDS[kind] = Kind(do, label or pgettext_lazy("job", "Work"), is_nightly)
        return do

    return register


def kind_of(name: str) -> Kind:
    """KeyError for one that nobody has registered."""
    return _KINDS[name]


def label(job: Job) -> str:
    """What the job does, in the reader's language."""
    known = _KINDS.get(job.kind)
    return str(known.label if known else pgettext_lazy("job", "Work"))


def load() -> None:
    """Know every kind: those of the pages stand in modules that the addresses import."""
    _ = get_resolver().url_patterns
    for module in settings.NIGHTLY_WORK:
        import_module(module)


def nightly() -> list[str]:
    """The kinds of nightly work, in order of name."""
    return sorted(name for name, kind in _KINDS.items() if kind.is_nightly)
