"""How activities are arranged, kept by the staff of both sides: schemes, their headings, and the activities themselves.

What something is told of stays as it is: a scheme may end then, and an activity gets an official text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.people.access import Right, require
from kpi.models import (
    Goal,
    Initiative,
    InitiativeCategory,
    InitiativeScheme,
    InitiativeYear,
    OfficialTextLine,
)
from kpi.plans import codes

Arranged = InitiativeScheme | InitiativeCategory | Initiative
Facts = Mapping[str, Any]
"""What staff decide of it, by field; of a heading also the `goals` that it serves."""
_OPEN = {
    InitiativeScheme: ("position", "last_year"),
    InitiativeCategory: ("position",),
    Initiative: ("position",),
}
RESERVED = ("new", "remove")
"""What cannot be a code, since addresses say it."""
_WORDS = {
    InitiativeScheme: "initiative_scheme",
    InitiativeCategory: "initiative_category",
    Initiative: "initiative",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Under what something new stands: the center, a scheme, or a heading; and how its codes begin."""

    under: Mapping[str, Any]
    siblings: models.QuerySet[Any]
    prefix: str


def below(parent: Center | InitiativeScheme | InitiativeCategory) -> Place:
    """The place of what is new under it."""
    match parent:
        case Center():
            return Place({"center": parent}, parent.initiative_schemes.all(), "scheme")
        case InitiativeScheme():
            return Place({"scheme": parent}, parent.categories.all(), "group")
        case InitiativeCategory():
            return Place({"category": parent}, parent.initiatives.all(), "activity")


def center_of(row: Arranged) -> Center:
    match row:
        case InitiativeScheme():
            return row.center
        case InitiativeCategory():
            return row.scheme.center
        case Initiative():
            return row.category.scheme.center


def facts_of(row: Arranged, names: tuple[str, ...]) -> dict[str, Any]:
    """What is stored, by field."""
    goals = {"goals": list(row.goals.all())} if isinstance(row, InitiativeCategory) else {}
    return {name: getattr(row, name) for name in names if name != "goals"} | goals


def state_of(facts: Facts) -> str:
    """A text that is another one whenever a fact is."""
    return json.dumps(_kept(facts), ensure_ascii=False, sort_keys=True)


def is_told(row: Arranged) -> bool:
    """Whether a year's text or a confirmed official text stands of an activity in it, so that it stays. One query."""
    match row:
        case InitiativeScheme():
            path = "initiative__category__scheme"
        case InitiativeCategory():
            path = "initiative__category"
        case Initiative():
            path = "initiative"
    years = InitiativeYear.objects.filter(**{path: row}).order_by()
    texts = OfficialTextLine.objects.filter(**{path: row}, proposal__state=ProposalState.CONFIRMED).order_by()
    return years.exists() or texts.exists()


@transaction.atomic
def add(*, parent: Center | InitiativeScheme | InitiativeCategory, facts: Facts, by: User) -> Arranged:
    """Something new at the end. Its code comes from its name where that can be read, otherwise from its place."""
    center = parent if isinstance(parent, Center) else center_of(parent)
    require(by, center, Right.PREPARE)
    place = below(parent)
    taken = {*place.siblings.values_list("code", flat=True), *RESERVED}
    name = str(facts.get("label") or facts.get("text") or "")
    slug = codes.slug(name)
    last = place.siblings.order_by("position").last()
    row = place.siblings.model(
        **place.under,
        **_columns(facts),
        code=codes.free(slug, taken) if slug else codes.next_in_line(place.prefix, taken),
        position=(last.position if last else 0) + 1,
    )
    _check(row)
    row.save()
    _put_goals(row, facts)
    history.record(
        by=by,
        action=f"{_WORDS[type(row)]}.add",
        subject=row,
        center=center,
        after={"code": row.code, **_kept(facts)},
    )
    return row


@transaction.atomic
def change(*, row: Arranged, seen: str, facts: Facts, by: User) -> Arranged:
    """Change it. Conflict where it is no longer as it was seen (`state_of`); ValidationError at what stays, since something
    is told of it."""
    require(by, center_of(row), Right.PREPARE)
    held = _locked(row)
    stored = facts_of(held, tuple(facts))
    if state_of(stored) != seen:
        raise Conflict
    before, after = history.changed(_kept(stored), _kept(facts))
    if not before and not after:
        return held
    if is_told(held):
        stays = [name for name in {**before, **after} if name not in _OPEN[type(held)]]
        if stays:
            message = _("Something is told of it already: it stays as it is.")
            raise ValidationError(dict.fromkeys(stays, message))
    for name, value in _columns(facts).items():
        setattr(held, name, value)
    _check(held)
    held.save()
    _put_goals(held, facts)
    history.record(
        by=by,
        action=f"{_WORDS[type(held)]}.change",
        subject=held,
        center=center_of(held),
        before=before,
        after=after,
    )
    return held


@transaction.atomic
def remove(*, row: Arranged, by: User) -> None:
    """Delete what nothing stands under and nothing is told of; the history keeps what it was."""
    require(by, center_of(row), Right.PREPARE)
    held = _locked(row)
    if is_told(held):
        raise ValidationError(_("Something is told of it already: it stays."))
    match held:
        case InitiativeScheme():
            is_empty = not held.categories.exists() and not held.official_text_proposals.exists()
        case InitiativeCategory():
            is_empty = not held.initiatives.exists() and not held.children.exists()
        case Initiative():
            is_empty = not held.official_texts.exists()
    if not is_empty:
        raise ValidationError(_("Something stands under it. Take that out first."))
    history.record(
        by=by,
        action=f"{_WORDS[type(held)]}.delete",
        subject=held,
        center=center_of(held),
        before={"code": held.code, "label": str(held)},
    )
    if isinstance(held, InitiativeCategory):
        held.goals.clear()
    held.delete()


def _locked(row: Arranged) -> Arranged:
    found: Arranged = type(row)._default_manager.select_for_update().get(pk=row.pk)
    return found


def _columns(facts: Facts) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "goals"}


def _check(row: Arranged) -> None:
    row.full_clean()
    if isinstance(row, InitiativeCategory) and row.parent is not None:
        if row.parent.scheme_id != row.scheme_id or row.parent.parent_id is not None or row.parent == row:
            raise ValidationError(
                {"parent": _("Choose a heading of this arrangement that stands under none.")}
            )
        if row.pk and row.children.exists():
            raise ValidationError(
                {"parent": _("Headings stand under this one; it cannot stand under another.")}
            )


def _put_goals(row: Arranged, facts: Facts) -> None:
    if isinstance(row, InitiativeCategory):
        goals: list[Goal] = facts.get("goals", [])
        if set(goals) != set(row.goals.all()):
            row.goals.set(goals)


def _kept(facts: Facts) -> dict[str, Any]:
    said = {
        name: str(value) if value not in (None, True, False) else value
        for name, value in _columns(facts).items()
    }
    if "goals" in facts:
        said["goals"] = [goal.label for goal in facts["goals"]]
    return {name: value for name, value in said.items() if value not in ("", None, False, [])}
