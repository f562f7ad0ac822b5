"""An import into a statement is undone while the draft stands as the import left it: it gets back what it held before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.balance.totals import TotalKey
from finance.models import Account, Statement, TotalOf
from finance.statements import actions
from finance.statements.draft_actions import Content, Entered
from iconm_portal.forms.refusals import Conflict, Gone, WrongStep
from iconm_portal.imports.specs import Undo
from iconm_portal.models import TableImport, User

KEPT: Final = "before"


def before(statement: Statement, content: Content, *, is_new: bool) -> dict[str, Any]:
    """What the draft held before the import, as JSON; `is_new`: the import began it. Its version follows (`left_at`)."""
    return {
        "statement": statement.pk,
        "is_new": is_new,
        "lines": [[account.pk, one.amount, one.note] for account, one in content.lines.items()],
        "printed": [[str(of), account, amount] for (of, account), amount in content.printed.items()],
        "note": content.note,
    }


def left_at(kept: dict[str, Any], saved: Statement) -> dict[str, Any]:
    """With the version in which the import left the draft."""
    return kept | {"version": saved.version}


def in_the_way(table: TableImport) -> list[str]:
    """That the draft is no longer as the import left it: handed in, saved by somebody, or discarded."""
    kept = table.params.get(KEPT)
    if kept is None:
        return [_("It was applied before imports could be undone. Correct the draft itself.")]
    draft = Statement.objects.filter(pk=kept["statement"]).first()
    if draft is None:
        return [_("The draft was discarded meanwhile.")]
    if not draft.is_editable:
        return [_("The statement was handed in since.")]
    if draft.version != kept["version"]:
        return [_("The draft was saved again since. Correct the draft itself.")]
    return []


def take_back(table: TableImport, prepared: None, reason: str, by: User, at: datetime) -> Mapping[str, Any]:
    """Give the draft back what it held, or discard the one that the import began."""
    if reasons := in_the_way(table):
        raise ValidationError(reasons)
    kept = table.params[KEPT]
    draft = Statement.objects.select_related("center").get(pk=kept["statement"])
    try:
        if kept["is_new"]:
            actions.discard(statement=draft, version=kept["version"], by=by)
            return {}
        actions.save_draft(statement=draft, version=kept["version"], content=_content(kept), by=by, at=at)
    except (Conflict, Gone, WrongStep) as changed:
        raise ValidationError(_("Somebody is working on the statement just now. Try again.")) from changed
    return {}


def _content(kept: Mapping[str, Any]) -> Content:
    accounts = Account.objects.in_bulk([pk for pk, _amount, _note in kept["lines"]])
    lines = {accounts[pk]: Entered(amount, note) for pk, amount, note in kept["lines"]}
    printed: dict[TotalKey, int] = {(TotalOf(of), pk): amount for of, pk, amount in kept["printed"]}
    return Content(lines, printed, kept["note"])


UNDO: Final = Undo(
    told=gettext_lazy(
        "The draft gets back the amounts that it had before; one that the import began is discarded."
    ),
    in_the_way=in_the_way,
    prepare=lambda table, reason, by, at: None,
    take_back=take_back,
)
