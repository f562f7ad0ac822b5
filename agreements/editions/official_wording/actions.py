"""The official wording comes in: a text that was read is written into an edition that is not settled yet."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.editions.official_wording import import_plan
from agreements.editions.official_wording.import_plan import Plan
from agreements.instruments.actions import freeze_first_edition
from agreements.models import Edition, Provision, ProvisionKind
from agreements.wording import Provision as Read
from agreements.wording import Wording
from iconm_portal.history import history
from iconm_portal.history.history import Actor
from iconm_portal.models import User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import proposal_workflow

LONGEST_NAME = 200


@transaction.atomic
def import_wording(
    *,
    edition: Edition,
    version: int,
    wording: Wording,
    file_name: str,
    by: Actor,
    at: datetime,
    accept_problems: bool = False,
) -> Plan:
    """Write a text into an edition: all of it or nothing. Summaries and obligations stay.

    Raises Conflict or WrongStep where the edition moved on or is confirmed, and ValidationError where the text has no
    article, where it has problems that nobody accepted, and where the wording of a concluded agreement is there already.
    """
    center = edition.agreement.center
    if isinstance(by, User):
        require(by, center, Right.SETTLE_JOINTLY)
    _refuse_replacing(edition)
    plan = import_plan.plan(edition, wording)
    _refuse(plan, accept_problems)
    before = {row.key: row.text for row in plan.standing if row.text}
    lacking, leaving = ([row.key for row in rows] for rows in (plan.lacking, plan.leaving))
    was = {"imported_from": edition.imported_from, "preamble": edition.preamble, "closing": edition.closing}
    facts = {
        "imported_from": file_name[:LONGEST_NAME] or "-",
        "preamble": wording.preamble,
        "closing": wording.closing,
    }
    person = {"imported_at": at, "imported_by": by} if isinstance(by, User) else _NOBODY
    proposal_workflow.save_draft(edition, version=version, **facts, **person)
    _write(edition, plan)
    now = {read.key: read.text for read in plan.order if before and read.text}
    changed_from, changed_to = history.changed(was | before, facts | now)
    counts = {
        "filled": len(plan.filled),
        "added": len(plan.added),
        "lacking": lacking,
        "removed": leaving,
        "problems": len(plan.problems),
    }
    history.record(
        by=by,
        action="edition.import",
        subject=edition,
        center=center,
        before=changed_from,
        after=changed_to | {name: count for name, count in counts.items() if count},
    )
    freeze_first_edition(edition.agreement, by=by, at=at)
    return plan


_NOBODY: Mapping[str, Any] = {"imported_at": None, "imported_by": None}
"""On the server's command line nobody is logged in: the history names the command instead."""


def _refuse_replacing(edition: Edition) -> None:
    if edition.number == 1 and edition.imported_from and edition.agreement.conclusions.exists():
        raise ValidationError(
            _(
                "The agreement is concluded, and its official wording is here already."
                " It changes by an amendment only."
            )
        )


def _refuse(plan: Plan, accept_problems: bool) -> None:
    if not plan.is_agreement:
        raise ValidationError(_("No article (第1条 …) was found, so there is nothing to import."))
    if plan.is_too_long:
        raise ValidationError(
            _("The text has more than %(limit)s provisions, so it is hardly one agreement."),
            params={"limit": import_plan.MOST_PROVISIONS},
        )
    if plan.needs_acceptance and not accept_problems:
        raise ValidationError(
            _("Look at what is listed as wrong. To save all the same, say that you have looked at it.")
        )


def _write(edition: Edition, plan: Plan) -> None:
    """Rows in the text's order; those that stay without a text keep number, heading and summary, and lose the text."""
    position, position_of_lacking = import_plan.positions(plan)
    rows = dict(plan.held)
    _free_keys(plan)
    levels = _levels(plan)
    for level in levels:
        new = [
            Provision(
                edition=edition, key=read.key, kind=ProvisionKind(read.kind), position=position[read.key]
            )
            for read, _above in level
            if read.key not in rows
        ]
        rows |= {row.key: row for row in Provision.objects.bulk_create(new)}
    for read, above in (pair for level in levels for pair in level):
        row = rows[read.key]
        row.parent = rows[above] if above else None
        row.kind, row.position = ProvisionKind(read.kind), position[read.key]
        row.label, row.heading, row.text = read.label, read.heading, read.text
    for row in plan.lacking:
        row.text, row.position = "", position_of_lacking[row.pk]
    changed = [*plan.lacking, *(rows[read.key] for read in plan.order)]
    Provision.objects.bulk_update(changed, ["parent", "kind", "label", "heading", "text", "position"])
    _remove(plan.leaving)


def _free_keys(plan: Plan) -> None:
    """Give every row its key in the text, by way of keys that nothing has: two rows may exchange theirs."""
    moving = [(row, key) for key, row in plan.held.items() if row.key != key]
    stepping_aside = import_plan.keys_of_lacking(plan)
    moving += [(row, stepping_aside[row.pk]) for row in plan.lacking if row.key != stepping_aside[row.pk]]
    leaving = [(row, f"~{row.pk}") for row in plan.leaving]
    for row, _key in (*moving, *leaving):
        row.key = f"~{row.pk}"
    Provision.objects.bulk_update([row for row, _key in (*moving, *leaving)], ["key"])
    for row, key in moving:
        row.key = key
    Provision.objects.bulk_update([row for row, _key in moving], ["key"])


def _levels(plan: Plan) -> list[list[tuple[Read, str]]]:
    """The text's provisions with the key of what they stand under, outermost first."""
    levels: list[list[tuple[Read, str]]] = []

    def descend(read: Read, above: str, depth: int) -> None:
        while len(levels) <= depth:
            levels.append([])
        levels[depth].append((read, above))
        for child in read.children:
            descend(child, read.key, depth + 1)

    for top in (*plan.wording.provisions, *plan.wording.supplement):
        descend(top, "", 0)
    return levels


def _remove(provisions: Iterable[Provision]) -> None:
    """Parents protect what stands under them, so they are let go of first."""
    leaving = Provision.objects.filter(pk__in=[provision.pk for provision in provisions])
    leaving.update(parent=None)
    leaving.delete()
