"""利用記録: writing down who came in, who failed to, who took personal data away, whose rights changed.

It stands apart from the history of centers: reading and failing change nothing there. Each event is also a line of JSON
to the logger `iconm_portal.audit`, which the settings send to the city's syslog.
"""

import json
import logging
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from iconm_portal.forms.inspection.refusals import Refusal
from iconm_portal.models import AuditEvent, AuditKind, User
from iconm_portal.people import administered
from iconm_portal.people.auth import client_address
from iconm_portal.people.sign_in import lockout, signed_on

log = logging.getLogger("iconm_portal.audit")


def note(
    kind: AuditKind,
    *,
    person: User | AnonymousUser | None,
    request: HttpRequest | None = None,
    what: str = "",
) -> None:
    """Append one event; `what` is a word of ours or a natural key, never what a stranger typed."""
    known = person if isinstance(person, User) else None
    event = AuditEvent.objects.create(
        kind=kind,
        username=known.username if known else "",
        name=known.name if known else "",
        organisation=known.organisation.code if known else "",
        address=client_address(request) if request else None,
        browser=(request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:200]) if request else "",
        what=what[:200],
    )
    if request is not None and kind.is_a_try:
        request.failure_noted = True  # type: ignore[attr-defined]  # once for each attempt, whoever counts it
    log.info(json.dumps(as_json(event), ensure_ascii=False))


def note_failure(kind: AuditKind, *, person: User, request: HttpRequest) -> None:
    """Of a wrong second factor, or a wrong password of somebody who is signed in: it weighs as one at the login."""
    note(kind, person=person, request=request)
    lockout.count_failure(request, person)


def as_json(event: AuditEvent) -> dict[str, Any]:
    """The event as machines read it."""
    return {
        "number": event.pk,
        "at": event.at.isoformat(),
        "event": event.kind.value,
        "username": event.username,
        "name": event.name,
        "organisation": event.organisation,
        "address": event.address,
        "browser": event.browser,
        "what": event.what,
    }


def known_to(user: User) -> QuerySet[AuditEvent]:
    """What an auditor or administrator may see: of the people that they look after, and of nobody's in particular."""
    organisations = administered.organisations(user.organisation).values("code")
    return AuditEvent.objects.filter(Q(organisation__in=organisations) | Q(organisation=""))


def times(kind: AuditKind, within: timedelta, **fields: Any) -> int:
    """How often that happened lately."""
    return AuditEvent.objects.filter(kind=kind, at__gt=timezone.now() - within, **fields).count()


def note_scan(refusal: Refusal, request: HttpRequest) -> None:
    """That the virus scanner found a file infected, or gave no answer: who sent it, and where."""
    kind = AuditKind.INFECTED if refusal is Refusal.INFECTED else AuditKind.NOT_SCANNED
    note(
        kind,
        person=request.user,
        request=request,
        what=request.resolver_match.view_name if request.resolver_match else "",
    )


# --- receivers of Django's and axes' signals, connected when the ground starts -----------------


def signed_in(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(AuditKind.SIGNED_IN, person=user, request=request, what=signed_on.said(request))


def signed_out(sender: object, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """A logout by hand; the end of a session by its limits says so beforehand."""
    if user is not None and not getattr(request, "ended_by_limit", False):
        note(AuditKind.SIGNED_OUT, person=user, request=request)


def failed(
    sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """A wrong password, unless the login is paused, by this one or before: then axes says that (`paused`)."""
    if request is not None and not getattr(request, "axes_locked_out", False):
        note(AuditKind.FAILED, person=_named(lockout.typed_name(request, credentials)), request=request)


def paused(sender: object, request: HttpRequest, username: str | None, **kwargs: Any) -> None:
    """The pause, and before it the wrong password that led to it; while it lasts no password is tried."""
    person = _named(lockout.name_of(username))
    is_counted = getattr(request, "axes_failures_since_start", None) is not None
    if is_counted and not getattr(request, "failure_noted", False):
        note(AuditKind.FAILED, person=person, request=request)
    note(AuditKind.PAUSED, person=person, request=request)


def _named(name: str | None) -> User | None:
    return User.objects.select_related("organisation").filter(username=name).first() if name else None
