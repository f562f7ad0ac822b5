"""Lists of a center that stand beside its agreements: its posts, its chronology, the criteria under which effects are judged.

The staff of both sides keep them. What came with a document stays as the document says it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Agreement, ChronologyEntry, Criterion, Finding, Post
from agreements.pages.master.deletions import reasons
from agreements.pages.master.rows import values_of
from iconm_portal.models import ReviewState

Row = Post | ChronologyEntry | Criterion


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What staff say of a post; `position` is blank for the place behind all others."""

    title: str
    task: str = ""
    since: date | None = None
    until: date | None = None
    position: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """What staff say of an entry of the chronology; `happened_on` is a partial date."""

    happened_on: str
    text: str
    agreement: Agreement | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """What staff say of a criterion; `position` as of a post."""

    label: str
    position: int | None = None
    source: str = ""


Facts = PostFacts | EntryFacts | CriterionFacts


@dataclass(frozen=True, slots=True)
class KeptList:
    """One of the lists: its address, its table, what the history calls a row, and how its pages speak."""

    slug: str
    model: type[Row]
    word: str
    facts: type[Facts]
    said_at: dict[str, tuple[str, ...]]  # at which field to say what a constraint refuses
    title: str | Promise
    add: str | Promise
    delete: str | Promise
    empty: str | Promise
    is_ordered: bool = True


POSTS: Final = KeptList(
    slug="posts",
    model=Post,
    word="post",
    facts=PostFacts,
    said_at={"agreements_post_days_in_order": ("until",)},
    title=gettext_lazy("Posts of the center"),
    add=gettext_lazy("Add a post"),
    delete=gettext_lazy("Delete the post"),
    empty=gettext_lazy("No post is entered yet."),
)
CHRONOLOGY: Final = KeptList(
    slug="chronology",
    model=ChronologyEntry,
    word="chronology",
    facts=EntryFacts,
    said_at={},
    title=gettext_lazy("Chronology"),
    add=gettext_lazy("Add an entry"),
    delete=gettext_lazy("Delete the entry"),
    empty=gettext_lazy("No entry of the chronology is there yet."),
    is_ordered=False,
)
CRITERIA: Final = KeptList(
    slug="criteria",
    model=Criterion,
    word="criterion",
    facts=CriterionFacts,
    said_at={},
    title=gettext_lazy("Criteria of the verification of effects"),
    add=gettext_lazy("Add a criterion"),
    delete=gettext_lazy("Delete the criterion"),
    empty=gettext_lazy("No criterion is entered yet."),
)
LISTS: Final = {one.slug: one for one in (POSTS, CHRONOLOGY, CRITERIA)}


def state_of(kept: KeptList, row: Row) -> dict[str, Any]:
    """What the facts say of the row now, as the history keeps it."""
    state = {name: getattr(row, name) for name in kept.facts.__dataclass_fields__}
    agreement = state.get("agreement")
    return state | ({"agreement": agreement.short_title} if agreement else {})


def values(facts: Facts) -> dict[str, Any]:
    """What was said, by field; a blank place is none."""
    return {
        name: value for name, value in values_of(facts).items() if name != "position" or value is not None
    }


def why_fixed(row: Row) -> str:
    """Why the row is not changed any more; empty while it is."""
    if row.source and row.recorded_at is None:
        return reasons.from_document()
    judged = Finding.objects.filter(criterion=row.pk, verification__state=ReviewState.ACCEPTED)
    if isinstance(row, Criterion) and judged.exists():
        return _("It was judged under this criterion, so it stays. Add another one.")
    return ""


def why_kept(kept: KeptList, row: Row) -> str:
    """Why the row is not deleted; empty where it can be."""
    return why_fixed(row) or reasons.of_row(kept.model._base_manager.filter(pk=row.pk))
