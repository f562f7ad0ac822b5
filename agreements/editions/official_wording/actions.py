"""The official wording comes in: put forward by one side, and, once the other has confirmed it, written into the edition.

Into an amendment it is written at once: that is confirmed as a whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.editions.official_wording import import_plan
from agreements.editions.official_wording.import_plan import Plan
from agreements.editions.provisions import as_read
from agreements.instruments.actions import lock
from agreements.instruments.conclusions.actions import freeze_first_edition
from agreements.models import Edition, Provision, ProvisionKind, WordingProposal
from agreements.wording import Problem, Wording, parse
from agreements.wording import Provision as Read
from agreements.wording.files.extracted import as_data
from iconm_portal.history import history
from iconm_portal.history.history import Actor
from iconm_portal.models import ProposalState, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import StepTable, Taking, acting_side

LONGEST_NAME = 200


@transaction.atomic
def import_wording(
    *,
    edition: Edition,
    version: int,
    wording: Wording,
    file_name: str,
    by: User,
    at: datetime,
    accept_problems: bool = False,
    notes: Iterable[Problem] = (),
) -> WordingProposal | Plan:
    """Put a text before the other side as the wording of a first edition; write it into an amendment, which the other
    side confirms as a whole. `notes`: what in the file is none of the text; the other side is shown that too.

    Raises Conflict or WrongStep where the edition moved on or is confirmed, and ValidationError where the text has no
    article, where it has problems that nobody accepted, where one waits for an answer already, and where the wording
    of a concluded agreement is there already.
    """
    side = acting_side(edition.agreement.center, by)
    if edition.number > 1:
        return write_wording(
            edition=edition,
            version=version,
            wording=wording,
            file_name=file_name,
            by=by,
            at=at,
            accept_problems=accept_problems,
        )
    plan = _checked(edition, wording, accept_problems)
    proposal_workflow.save_draft(edition, version=version)  # whoever comes second reads the text anew
    if edition.wording_proposals.filter(state=ProposalState.PROPOSED).exists():
        raise ValidationError(_("An official wording waits for an answer already."))
    made = WordingProposal.objects.create(
        edition=edition,
        text="\n".join(line.text for line in wording.lines),
        file_name=file_name[:LONGEST_NAME] or "-",
        accepts_problems=accept_problems,
        notes=as_data(notes),
        state=ProposalState.PROPOSED,
        proposed_at=at,
        proposed_by=by,
        proposed_side=side,
        recorded_at=at,
    )
    STEPS.record(made, "propose", by, after={"imported_from": made.file_name, **_counts(plan)})
    return made


def _checked(edition: Edition, wording: Wording, accept_problems: bool) -> Plan:
    _refuse_replacing(edition)
    plan = import_plan.plan(edition, wording)
    _refuse(plan, accept_problems)
    return plan


@transaction.atomic
def write_wording(
    *,
    edition: Edition,
    version: int,
    wording: Wording,
    file_name: str,
    by: Actor,
    at: datetime,
    accept_problems: bool = False,
) -> Plan:
    """Write a text into an edition: all of it or nothing. Summaries and obligations stay. What was drafted over the
    summaries takes it in. What lies before the other side, or is confirmed, stays as it is, and is read from here."""
    if isinstance(by, User):
        require(by, edition.agreement.center, Right.SETTLE_JOINTLY)
    plan = _checked(edition, wording, accept_problems)
    before = {row.key: row.text for row in plan.standing if row.text}
    was = {"imported_from": edition.imported_from, "preamble": edition.preamble, "closing": edition.closing}
    facts = {
        "imported_from": file_name[:LONGEST_NAME] or "-",
        "preamble": wording.preamble,
        "closing": wording.closing,
    }
    person = {"imported_at": at, "imported_by": by} if isinstance(by, User) else _NOBODY
    proposal_workflow.save_draft(edition, version=version, is_over_summaries=False, **facts, **person)
    _write(edition, plan)
    now = {read.key: read.text for read in plan.order if before and read.text}
    changed_from, changed_to = history.changed(was | before, facts | now)
    history.record(
        by=by,
        action="edition.import",
        subject=edition,
        center=edition.agreement.center,
        before=changed_from,
        after=changed_to | _counts(plan),
    )
    freeze_first_edition(edition.agreement, by=by, at=at)
    for later in edition.agreement.editions.filter(is_over_summaries=True).order_by("number"):
        if later.state.is_open:
            as_read.take_in(later)
    return plan


def _counts(plan: Plan) -> dict[str, Any]:
    counts = {
        "filled": len(plan.filled),
        "added": len(plan.added),
        "lacking": [row.key for row in plan.lacking],
        "removed": [row.key for row in plan.leaving],
        "problems": len(plan.problems),
    }
    return {name: count for name, count in counts.items() if count}


# -- Steps --


def _take_over(taking: Taking[WordingProposal]) -> None:
    """The text goes into the edition as it is now; under the lock, so that nobody else changes it meanwhile."""
    proposal = taking.item
    edition = Edition.objects.select_related("agreement__center").get(pk=proposal.edition_id)
    lock(edition.agreement)
    write_wording(
        edition=edition,
        version=edition.version,
        wording=parse(proposal.text),
        file_name=proposal.file_name,
        by=taking.by,
        at=taking.at,
        accept_problems=proposal.accepts_problems,
    )


STEPS = StepTable(
    WordingProposal,
    named="proposal",
    code="wording",
    steps=(
        replace(
            proposal_workflow.TAKE_BACK,
            deletes=True,
            says=gettext_lazy("You took the wording back. Nothing was imported."),
        ),
        replace(
            proposal_workflow.CONFIRM,
            first=_take_over,
            says=gettext_lazy("The official wording was imported."),
        ),
        replace(
            proposal_workflow.DECLINE,
            says=gettext_lazy("The wording was declined; the other side reads why."),
        ),
    ),
)
take_back, confirm, decline = (STEPS.action(name) for name in ("take_back", "confirm", "decline"))


_NOBODY: Mapping[str, Any] = {"imported_at": None, "imported_by": None}
"""On the server's command line nobody is logged in: the history names the command instead."""


def _refuse_replacing(edition: Edition) -> None:
    concluded = edition.agreement.conclusions.filter(edition=None, state=ProposalState.CONFIRMED)
    if edition.number == 1 and edition.imported_from and concluded.exists():
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
