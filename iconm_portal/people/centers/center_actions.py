"""センター, made and kept by the administrators of its two parties: names, settings, first and last day."""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ManyToOneRel, Max
from django.utils.translation import gettext as _

from iconm_portal.forms.master_data import fingerprint
from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import Center, HistoryEvent, Organisation, User
from iconm_portal.people import administered
from iconm_portal.people.account_actions import require_administrator_for
from iconm_portal.people.centers import codes
from iconm_portal.values import closing_days
from iconm_portal.values.money import NegativeMark

# At which field to say what a constraint refuses.
_SAID_AT: Final = {
    "portal_center_two_parties": "operator",
    "portal_center_code_not_reserved": "code",
    "portal_center_closes_after_opening": "closes_on",
}


@dataclass(frozen=True, slots=True)
class CenterFacts:
    """What administrators say of a center; its code and its two parties stand beside it and never change."""

    name: str
    short_name: str
    name_en: str = ""
    negative_mark: NegativeMark = NegativeMark.BLACK
    closing_days: str = closing_days.USUAL
    opens_on: date | None = None
    closes_on: date | None = None


def center_state(center: Center) -> dict[str, Any]:
    """What the facts say of it now, as the history keeps it."""
    state: dict[str, Any] = {one.name: getattr(center, one.name) for one in fields(CenterFacts)}
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in state.items()
    } | {"negative_mark": str(center.negative_mark)}


@transaction.atomic
def create(
    *, code: str = "", supporter: Organisation, operator: Organisation, facts: CenterFacts, by: User
) -> Center:
    """A center of the administrator's own organisation and one that they look after; the code as for an organisation.

    ValidationError, by field, for what cannot be kept.
    """
    require_administrator_for(by)
    # In order, so that two who enter at once wait for each other; one that is deleted meanwhile is no partner any more.
    list(Organisation.objects.select_for_update().filter(pk__in=[supporter.pk, operator.pk]).order_by("pk"))
    _check_parties(supporter, operator, by)
    if code:
        codes.refuse_taken(Center, code)
    else:
        code = codes.suggested(
            facts.name,
            facts.name_en,
            otherwise="center",
            is_taken=lambda one: codes.is_taken(Center, one),
        )
    last = Center.objects.aggregate(last=Max("position"))["last"]
    center = Center(
        code=code,
        position=0 if last is None else last + 1,
        supporter=supporter,
        operator=operator,
        **asdict(facts),
    )
    _check(center)
    try:
        with transaction.atomic():
            center.save()
    except IntegrityError:  # another administrator took the code a moment ago
        raise ValidationError({"code": _("This code is taken.")}) from None
    history.record(
        by=by,
        action="center.create",
        subject=center,
        center=center,
        after={
            "code": code,
            "supporter": supporter.name,
            "operator": operator.name,
            **{name: value for name, value in center_state(center).items() if value},
        },
    )
    return center


@transaction.atomic
def change(*, center: Center, seen: str, facts: CenterFacts, by: User) -> Center:
    """Names, settings, first and last day. `seen`: the fingerprint of the state that the person saw; Conflict when it is
    another by now. ValidationError, by field, for what cannot be kept."""
    current = _locked(center, by)
    before = center_state(current)
    if fingerprint(before) != seen:
        raise Conflict
    for name, value in asdict(facts).items():
        setattr(current, name, value)
    _check(current)
    was, now = history.changed(before, center_state(current))
    if was or now:
        current.save(update_fields=[one.name for one in fields(CenterFacts)])
        history.record(by=by, action="center.change", subject=current, center=current, before=was, after=now)
    return current


@transaction.atomic
def delete(*, center: Center, by: User) -> None:
    """Take away a center in which nothing was done yet. ValidationError that says what rests on it."""
    current = _locked(center, by)
    if reason := kept_because(current):
        raise ValidationError(reason)
    parties = (current.supporter, current.operator)
    history.record(
        by=by,
        action="center.delete",
        subject=current,
        organisation=by.organisation,
        before={"code": current.code, "name": current.name},
    )
    current.delete()
    _require_administrators(parties)


def kept_because(center: Center) -> str:
    """Why it cannot be deleted; empty where nothing rests on it."""
    if center.auditors.exists():
        return _("An organisation audits it from outside: end that first.")
    if HistoryEvent.objects.filter(center=center.code).exclude(action__startswith="center.").exists() or any(
        relation.related_model._base_manager.filter(**{relation.field.name: center}).exists()
        for relation in Center._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel)
    ):
        return _("Something was entered in it already. Give it a last day instead: it stays to be read.")
    return ""


def _check_parties(supporter: Organisation, operator: Organisation, by: User) -> None:
    """ValidationError unless one is the administrator's own organisation, and the other is one that it can run a center with."""
    own = by.organisation
    if own not in (supporter, operator):
        raise ValidationError(
            {
                "operator": _(
                    "One of the two is your own organisation, %(organisation)s: a center is entered by the administrators of"
                    " one of its parties."
                )
                % {"organisation": own.name}
            }
        )
    field, other = ("operator", operator) if own == supporter else ("supporter", supporter)
    if other != own and not administered.partners(own).filter(pk=other.pk).exists():
        raise ValidationError({field: _("Choose one of the organisations that you look after.")})


def _check(center: Center) -> None:
    """full_clean, with what a constraint refuses at the field that it speaks of."""
    refused: dict[str, list[Any]] = {}
    try:
        center.clean_fields()
    except ValidationError as error:
        error.update_error_dict(refused)
    for constraint in Center._meta.constraints:
        try:
            constraint.validate(Center, center, exclude=set(refused))
        except ValidationError as error:
            refused.setdefault(_SAID_AT[constraint.name], error.error_list)
    if refused:
        raise ValidationError(refused)


def _require_administrators(parties: tuple[Organisation, ...]) -> None:
    """ValidationError where nobody would look after one of them any more."""
    for party in parties:
        if not administered.who_administer(party).exists():
            raise ValidationError(
                _("%(organisation)s would be left without an administrator.") % {"organisation": party.name}
            )


def _locked(center: Center, by: User) -> Center:
    """As it is now, kept from other writers. PermissionDenied unless `by` administers one of its parties."""
    require_administrator_for(by)
    current = Center.objects.select_for_update(of=("self",)).select_related("supporter", "operator")
    found = current.get(pk=center.pk)
    if by.organisation_id not in (found.supporter_id, found.operator_id):
        raise PermissionDenied("administrators of its parties only")
    return found
