"""監査 from outside: which organisation, that is no party, audits a center. On the sides auditors are people with that role."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from iconm_portal.history import history
from iconm_portal.history.history import Actor, Source
from iconm_portal.models import AuditKind, Center, Organisation, Role, User
from iconm_portal.people import administered
from iconm_portal.people.actions import install_organisation
from iconm_portal.people.sign_in import audit


@transaction.atomic
def appoint(*, center: Center, code: str, name: str, name_en: str = "", by: User) -> Organisation:
    """Let an organisation audit the center from outside; it is entered if it is not there yet.

    ValidationError for a party of the center, and for an organisation that is another's affair: whoever audits a center
    has their people kept by the administrators of its parties.
    """
    _require_administrator_of(center, by)
    organisation = Organisation.objects.filter(code=code).first()
    if organisation is None:
        organisation = install_organisation(code=code, name=name, name_en=name_en, by=by)
    elif organisation in (center.supporter, center.operator):
        raise ValidationError(
            {"code": _("This organisation is a party to the center: give its people the role of an auditor.")}
        )
    elif not administered.organisations(by.organisation).filter(pk=organisation.pk).exists():
        raise ValidationError({"code": _("This code belongs to another organisation.")})
    elif not administered.has_center(organisation) and _has_other_people(organisation):
        raise ValidationError(
            {
                "code": _(
                    "This organisation has people of other roles: who audits from outside has auditors only."
                )
            }
        )
    if not center.auditors.filter(pk=organisation.pk).exists():
        center.auditors.add(organisation)
        _record("center.appoint", center, organisation, by)
    return organisation


@transaction.atomic
def install(*, center: Center, organisation: Organisation, by: Source) -> None:
    """The same for what is loaded from files, not for pages: it asks nobody's right."""
    center.auditors.add(organisation)
    _record("center.appoint", center, organisation, by)


@transaction.atomic
def dismiss(*, center: Center, organisation: Organisation, by: User) -> None:
    """End the audit: from the next request on its people see nothing of the center."""
    _require_administrator_of(center, by)
    if center.auditors.filter(pk=organisation.pk).exists():
        # Recorded first: an organisation that audits nothing is nobody's to administer any more.
        _record("center.dismiss", center, organisation, by)
        center.auditors.remove(organisation)


def _has_other_people(organisation: Organisation) -> bool:
    return User.objects.filter(organisation=organisation).exclude(role=Role.AUDITOR).exists()


def _require_administrator_of(center: Center, by: User) -> None:
    """PermissionDenied unless `by` is, at this moment, an administrator of the center; two at once wait here."""
    acting = User.objects.filter(pk=by.pk, role=Role.ADMINISTRATOR, is_active=True).first()
    Center.objects.select_for_update().get(pk=center.pk)
    if acting is None or not administered.centers(acting.organisation).filter(pk=center.pk).exists():
        raise PermissionDenied("administrators of the center only")


def _record(action: str, center: Center, organisation: Organisation, by: Actor) -> None:
    """It is about rights, not about what is in the center, so it stands with the organisation."""
    history.record(
        by=by,
        action=action,
        subject=center,
        organisation=organisation,
        after={"organisation": organisation.name},
    )
    audit.note(
        AuditKind.RIGHTS,
        person=by if isinstance(by, User) else None,
        what=f"{action} {center.history_key()} {organisation.code}",
    )
