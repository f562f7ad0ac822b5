"""Official texts that one side proposes and the other confirms; from then on they stand in the place of the summaries."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import REQUIRED, StepTable, Taking, acting_side
from kpi.initiatives.official_texts.official_texts import Group, Item, group_of
from kpi.models import InitiativeScheme, Kgi, OfficialTextLine, OfficialTextProposal
from kpi.models.official_texts import LONGEST

Texts = Mapping[str, str]
"""The official texts by the items' fields. Blank ones, and those that stand already, are left out."""


@transaction.atomic
def start(
    *,
    center: Center,
    scheme: InitiativeScheme | None,
    document: str,
    texts: Texts,
    by: User,
    at: datetime,
) -> OfficialTextProposal:
    """Begin a draft. ValidationError where nothing would change, or where the texts stand is not said."""
    acting_side(center, by)
    proposal = OfficialTextProposal(
        center=center, scheme=scheme, document=_said_document(document), recorded_at=at
    )
    proposal.full_clean()
    lines = _lines(group_of(proposal), texts)
    proposal.save()
    _write(proposal, lines)
    STEPS.record(proposal, "save", by, after=_as_history(proposal.document, lines))
    return proposal


def _said_document(document: str) -> str:
    if not (said := document.strip()):
        raise ValidationError({"document": _("Say in which document the texts stand.")})
    return said


def _lines(group: Group, texts: Texts) -> list[OfficialTextLine]:
    lines = [
        _line(item, text)
        for item in group.items
        if (text := texts.get(item.field, "").strip()) and text != item.official
    ]
    if not lines:
        raise ValidationError(_("Nothing would change. Enter the official text of at least one."))
    return lines


def _line(item: Item, text: str) -> OfficialTextLine:
    if len(text) > LONGEST:
        raise ValidationError({item.field: _("At most %(limit)s characters.") % {"limit": LONGEST}})
    if isinstance(item.subject, Kgi):
        return OfficialTextLine(kgi=item.subject, text=text)
    return OfficialTextLine(initiative=item.subject, text=text)


def _write(proposal: OfficialTextProposal, lines: list[OfficialTextLine]) -> None:
    for line in lines:
        line.proposal = proposal
    OfficialTextLine.objects.bulk_create(lines)


def _as_history(document: str, lines: list[OfficialTextLine]) -> dict[str, Any]:
    """The official texts beside the summaries that they replace."""
    texts = {(line.kgi or line.initiative).text: line.text for line in lines}  # type: ignore[union-attr]
    return {"document": document, "texts": texts}


def _said(proposal: OfficialTextProposal) -> dict[str, Any]:
    return _as_history(proposal.document, list(proposal.lines.select_related("kgi", "initiative")))


# -- Steps --


def _check_texts(taking: Taking[OfficialTextProposal]) -> None:
    taking.changes = {"document": _said_document(taking.given["document"])}
    taking.made = _lines(group_of(taking.item), taking.given["texts"])
    taking.before = _said(taking.item)


def _write_anew(taking: Taking[OfficialTextProposal]) -> None:
    taking.item.lines.all().delete()
    _write(taking.item, taking.made)
    after = _as_history(taking.changes["document"], taking.made)
    taking.before, taking.after = history.changed(taking.before, after)


def _keep_what_it_said(taking: Taking[OfficialTextProposal]) -> None:
    taking.before = _said(taking.item)


def _tell_what_is_settled(taking: Taking[OfficialTextProposal]) -> None:
    taking.after = _said(taking.item)


STEPS = StepTable(
    OfficialTextProposal,
    named="proposal",
    code="official_text_proposal",
    steps=(
        replace(
            proposal_workflow.EDIT,
            takes={"document": REQUIRED, "texts": REQUIRED},
            check=_check_texts,
            then=_write_anew,
        ),
        replace(
            proposal_workflow.PROPOSE, says=gettext_lazy("The official texts were put before the other side.")
        ),
        proposal_workflow.TAKE_BACK,
        replace(
            proposal_workflow.CONFIRM,
            first=_tell_what_is_settled,
            says=gettext_lazy(
                "Both sides confirmed the official texts. They stand on pages and papers from now on."
            ),
        ),
        proposal_workflow.DECLINE,
        replace(proposal_workflow.DISCARD, then=_keep_what_it_said),
    ),
)
save, propose, take_back = STEPS.action("edit"), STEPS.action("propose"), STEPS.action("take_back")
confirm, decline, discard = STEPS.action("confirm"), STEPS.action("decline"), STEPS.action("discard")
