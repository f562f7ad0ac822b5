"""What an event of the history says, in words: its verb, and its changes field by field.

The ground knows no app: fields are named by the model that the action names (`party.set` speaks of a Party), by the
subject's own and by its neighbours in the app (`kpi.report/…` speaks of the app kpi). What a field's choices do not put into
words, the app does that knows it (`name_values`). What no model names, such as an indicator's code, is shown as it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from iconm_portal.history.value_words import words_of_values
from iconm_portal.models import AuditEvent, AuditKind, HistoryEvent, Side
from iconm_portal.values import fiscal, partial_date
from iconm_portal.values.constraints import validate_partial_date
from iconm_portal.values.fields import FiscalYearField
from iconm_portal.values.fiscal import EraInputError, FiscalYear
from iconm_portal.values.money import format_number
from iconm_portal.values.text import listed

# The last part of an action's code ("report.take_back") is its verb.
VERBS = {
    "accept": pgettext_lazy("history", "Accepted"),
    "add": pgettext_lazy("history", "Added"),
    "add_passkey": pgettext_lazy("history", "Set up a passkey"),
    "apply": pgettext_lazy("history", "Applied an imported table"),
    "appoint": pgettext_lazy("history", "Appointed"),
    "ask": pgettext_lazy("history", "Asked for"),
    "ask_for_part": pgettext_lazy("history", "Asked the foundation for its self-assessment"),
    "attach": pgettext_lazy("history", "Attached files"),
    "begin": pgettext_lazy("history", "Began the evaluation"),
    "change": pgettext_lazy("history", "Changed"),
    "choose_password": pgettext_lazy("history", "Set a new password"),
    "close": pgettext_lazy("history", "Closed"),
    "comment": pgettext_lazy("history", "Commented"),
    "conclude": pgettext_lazy("history", "Recorded the conclusion"),
    "confirm": pgettext_lazy("history", "Confirmed"),
    "correct": pgettext_lazy("history", "Began a correction"),
    "correct_entry": pgettext_lazy("history", "Corrected by reversal"),
    "correct_conclusion": pgettext_lazy("history", "Corrected the conclusion"),
    "correct_judgement": pgettext_lazy("history", "Corrected the judgement"),
    "create": pgettext_lazy("history", "Created"),
    "date": pgettext_lazy("history", "Set the due date"),
    "deactivate": pgettext_lazy("history", "Deactivated"),
    "decide": pgettext_lazy("history", "Decided"),
    "decline": pgettext_lazy("history", "Declined"),
    "decline_reset": pgettext_lazy("history", "Declined a reset"),
    "delete": pgettext_lazy("history", "Deleted"),
    "discard": pgettext_lazy("history", "Discarded"),
    "dismiss": pgettext_lazy("history", "Dismissed"),
    "extend": pgettext_lazy("history", "Extended"),
    "follow": pgettext_lazy("history", "Took over the amended due date"),
    "freeze": pgettext_lazy("history", "Froze"),
    "give_notice": pgettext_lazy("history", "Gave notice of termination"),
    "import": pgettext_lazy("history", "Imported the wording"),
    "invite": pgettext_lazy("history", "Invited by mail"),
    "issue": pgettext_lazy("history", "Issued"),
    "judge": pgettext_lazy("history", "Judged"),
    "link_sign_on": pgettext_lazy("history", "Linked with a sign-on"),
    "load": pgettext_lazy("history", "Loaded from a source"),
    "open": pgettext_lazy("history", "Began the review"),
    "post": pgettext_lazy("history", "Posted"),
    "post_many": pgettext_lazy("history", "Posted many"),
    "propose": pgettext_lazy("history", "Proposed"),
    "propose_reset": pgettext_lazy("history", "Proposed a reset"),
    "reactivate": pgettext_lazy("history", "Reactivated"),
    "reinstate": pgettext_lazy("history", "Made valid again"),
    "remove_passkey": pgettext_lazy("history", "Removed a passkey"),
    "remove_app": pgettext_lazy("history", "Removed the authenticator app"),
    "renew_recovery_codes": pgettext_lazy("history", "Made new recovery codes"),
    "reopen": pgettext_lazy("history", "Reopened"),
    "reset_password": pgettext_lazy("history", "Issued a temporary password"),
    "reset_second_factor": pgettext_lazy("history", "Took away the second factor"),
    "return": pgettext_lazy("history", "Returned"),
    "reverse": pgettext_lazy("history", "Reversed"),
    "revoke": pgettext_lazy("history", "Revoked"),
    "save": pgettext_lazy("history", "Saved"),
    "set": pgettext_lazy("history", "Entered"),
    "set_up_app": pgettext_lazy("history", "Set up an authenticator app"),
    "start": pgettext_lazy("history", "Started"),
    "store": pgettext_lazy("history", "Stored"),
    "submit": pgettext_lazy("history", "Submitted"),
    "summarise": pgettext_lazy("history", "Wrote a summary"),
    "switch": pgettext_lazy("history", "Switched"),
    "take_back": pgettext_lazy("history", "Took back"),
    "undo": pgettext_lazy("history", "Undid an import"),
    "unlink_sign_on": pgettext_lazy("history", "Ended the link with a sign-on"),
    "upload": pgettext_lazy("history", "Uploaded a filled-in sheet"),
    "withdraw": pgettext_lazy("history", "Withdrew"),
    "withdraw_notice": pgettext_lazy("history", "Withdrew the notice of termination"),
}

# Words for what no model field names.
WORDS = {
    "account": pgettext_lazy("money", "Account"),
    "added": _("Provisions added"),
    "agreement": _("Agreement"),
    "based_on": _("Based on"),
    "category": _("Category"),
    "comments": _("Comments"),
    "contract": _("Contract"),
    "corrected_by": _("Corrected by entry number"),
    "count": _("Number of entries"),
    "data_digest": _("SHA-256 of the data"),
    "documents": _("Required documents"),
    "falls": _("What falls"),
    "files": _("Files"),
    "filled": _("Provisions filled"),
    "from_file": _("From the file"),
    "goals": _("Goals"),
    "happened_on": _("Date"),
    "identifier": _("Identifier at the issuer"),
    "issuer": _("Issuer"),
    "label": _("Name"),
    "lacking": _("Not in the text"),
    "measure": _("Support measure"),
    "obligation": _("Obligation"),
    "plan": _("Plan"),
    "plans": _("Plans"),
    "previous": _("Earlier plan"),
    "problems": _("Problems"),
    "provision": _("Provision"),
    "provisions": _("Provisions"),
    "removed": _("Provisions removed"),
    "removed_files": _("Removed files"),
    "revision": _("Revision"),
    "rows": _("Rows"),
    "scale": _("Scale"),
    "scan": _("Signed scan"),
    "sections": _("Sections"),
    "sha256": _("SHA-256 of the file"),
    "targets": _("Targets"),
    "task": _("Duties of the post"),
    "text": _("Text"),
    "total": _("As printed"),
    "total_balance": _("balance of the year"),
    "total_expenditure": _("total expenditure"),
    "total_revenue": _("total revenue"),
    "unit": _("Unit"),
    "value": _("Value"),
    "workbook_digest": _("SHA-256 of the workbook"),
}


@dataclass(frozen=True)
class Change:
    """One field of an event: what it was and what it became, as text; empty where there was nothing."""

    label: str
    before: str
    after: str


def verb(event: HistoryEvent) -> str:
    """What was done; the action's own code where the ground has no word for it."""
    return verb_of(event.action)


def verb_of(action: str) -> str:
    """The same of an action by its code, such as person.create."""
    return str(VERBS.get(action.rpartition(".")[2], action))


_CONCERNED = {
    "portal.user": _("Person"),
    "portal.center": _("Center"),
    "portal.organisation": _("Organisation"),
}


def about(event: AuditEvent) -> str:
    """What an event of the record of use is about; of a change of rights what was done in words, to whom or what."""
    if event.kind is not AuditKind.RIGHTS:
        return event.what
    action, _space, concerned = event.what.partition(" ")
    kind, _stroke, code = concerned.partition("/")
    return " ".join([verb_of(action), str(_CONCERNED.get(kind, kind)), code])


def changes(event: HistoryEvent) -> list[Change]:
    """The event's changes, as the fields stand in their model, then by name: PostgreSQL does not keep the recorded order."""
    before, after = dict(_flat(event.before)), dict(_flat(event.after))
    fields = _fields(event.subject.partition("/")[0], event.action.rpartition(".")[0])
    places = {name: place for place, name in enumerate(fields)}
    return [
        Change(
            " / ".join(_label(fields, part) for part in path),
            _text(fields, path, before.get(path)),
            _text(fields, path, after.get(path)),
        )
        for path in sorted(
            {*before, *after}, key=lambda path: [(places.get(part, len(places)), part) for part in path]
        )
        if before.get(path) != after.get(path)
    ]


def _flat(state: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Leaves of nested states with the way to them; a nested None (no row yet) has no leaves."""
    for key, value in state.items():
        if isinstance(value, Mapping):
            yield from _flat(value, (*above, key))
        elif value not in (None, ""):
            yield (*above, key), value


Fields = Mapping[str, "list[models.Field[Any, Any]]"]
"""By name, the subject's own first: what an event keeps may be a row below it, such as a measure that is amended."""


@cache
def _fields(label: str, thing: str) -> Fields:
    """Fields by name: of the model that the action calls `thing`, of the subject's, then of their neighbours in the apps.

    What the chronology or an agreement's parties are told of is the center or the agreement, and has other fields.
    """
    own, named = label.partition(".")[0], thing.replace("_", "")
    known = [
        (
            meta.model_name != named,
            meta.label_lower != label,
            meta.app_label != own,
            not str(meta.model_name).startswith(named),
            meta.label_lower,
            meta.concrete_fields,
        )
        for meta in (model._meta for model in apps.get_models())
        if meta.app_label == own or (named and str(meta.model_name).startswith(named))
    ]
    found: dict[str, list[models.Field[Any, Any]]] = {}
    for *_place, concrete in sorted(known, key=lambda one: one[:-1]):
        for field in concrete:
            found.setdefault(field.name, []).append(field)
    return found


_YEAR = re.compile(r"(1[89]|2[0-9])[0-9]{2}")
_TARGETS = re.compile(r"[0-9]{4}: [^ ]+(, [0-9]{4}: [^ ]+)*")
"""How the targets of a draft are written down: 2027: 11, 2028: 12."""


def _label(fields: Fields, name: str) -> str:
    code, dot, rest = name.rpartition(".")
    if _YEAR.fullmatch(name):
        return _fiscal_year(name)
    if name in Side.values:
        return str(Side(name).label)
    if name in fields and str(fields[name][0].verbose_name) != name.replace("_", " "):
        return str(fields[name][0].verbose_name)
    return f"{code}{dot}{WORDS.get(rest, rest)}"


def _text(fields: Fields, path: tuple[str, ...], value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    named = fields.get(path[-1], [])
    if isinstance(value, list):
        return listed(_part(path[-1], named, one) for one in value)
    return _word(path[-1], named, value)


def _word(name: str, named: "Sequence[models.Field[Any, Any]]", value: Any) -> str:
    """One value as its field reads. A name may be that of several fields: the word is that of the first that knows it."""
    if (said := words_of_values(name)) and (word := said(str(value))):
        return word
    for choices in (dict(field.flatchoices) for field in named if field.choices):
        if value in choices:
            return str(choices[value])
    field = named[0] if named else None
    for kind, read in _READ.items():
        if isinstance(field, kind):
            return read(str(value))
    if field is not None and validate_partial_date in field.validators and partial_date.is_valid(str(value)):
        return partial_date.label(str(value), _language())
    if _TARGETS.fullmatch(str(value)):
        return listed(f"{_fiscal_year(one[:4])} {one[6:]}" for one in str(value).split(", "))
    return str(value)


def _part(name: str, named: "Sequence[models.Field[Any, Any]]", value: Any) -> str:
    """One of several values: of something with parts of its own, what stands in them."""
    if isinstance(value, Mapping):
        return " ".join(_word(name, (), part) for part in value.values() if part)
    return _word(name, named, value)


def _figure(text: str) -> str:
    """A recorded number with its commas; 「-」 and anything else as it is."""
    try:
        return format_number(Decimal(text), strip_zeros=True)
    except ArithmeticError:
        return text


def _day(text: str) -> str:
    """The day of an ISO date or time in the reader's calendar."""
    try:
        return fiscal.date_label(date.fromisoformat(text[:10]), _language())
    except ValueError:
        return text


def _fiscal_year(text: str) -> str:
    """The fiscal year of 2025 or 令和7年度 as the reader counts; anything else as it is."""
    try:
        return FiscalYear.parse(text).label(_language())
    except EraInputError:
        return text


def _language() -> str:
    return get_language() or "ja"


_READ: Mapping[type[models.Field[Any, Any]], Callable[[str], str]] = {
    FiscalYearField: _fiscal_year,
    models.DecimalField: _figure,
    models.BigIntegerField: _figure,
    models.DateField: _day,
}
