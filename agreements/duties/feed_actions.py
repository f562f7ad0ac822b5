"""The secret address of a person's calendar feed: issued, revoked, looked up. Only its digest is kept."""

import hashlib
import hmac
import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import CalendarFeed
from iconm_portal.history import history
from iconm_portal.models import User

SECRET_BYTES = 32


def digest_of(secret: str) -> str:
    """What is kept of a secret. It is random and long, so a plain digest cannot be turned back."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue(*, by: User, at: datetime) -> str:
    """A new secret for the person's feed, to be shown once; the one before it stops working."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    _revoke_standing(by, at)
    try:
        with transaction.atomic():
            CalendarFeed.objects.create(person=by, digest=digest_of(secret), issued=at)
    except IntegrityError:
        raise ValidationError(_("An address was issued a moment ago in another window.")) from None
    history.record(by=by, action="calendar_address.issue", subject=by, organisation=by.organisation)
    return secret


@transaction.atomic
def revoke(*, by: User, at: datetime) -> bool:
    """Close one's own address. False where there is none."""
    return end(person=by, by=by, at=at)


@transaction.atomic
def end(*, person: User, by: User, at: datetime) -> bool:
    """Close a person's address, as an administrator's reset does (settings.OTHER_WAYS_IN). False where there is none."""
    if not _revoke_standing(person, at):
        return False
    history.record(by=by, action="calendar_address.revoke", subject=person, organisation=person.organisation)
    return True


def _revoke_standing(person: User, at: datetime) -> int:
    return CalendarFeed.objects.filter(person=person, revoked__isnull=True).update(revoked=at)


def standing(person: User) -> CalendarFeed | None:
    """The person's address that works now, if any; what it is, nobody knows but the person."""
    return CalendarFeed.objects.filter(person=person, revoked__isnull=True).first()


def person_of(secret: str) -> User | None:
    """Whose feed it is; None for what was never issued, was revoked, or belongs to a deactivated person.

    Looked up by digest, so that the time it takes says nothing about the secret.
    """
    digest = digest_of(secret)
    feed = (
        CalendarFeed.objects.filter(digest=digest, revoked__isnull=True, person__is_active=True)
        .select_related("person__organisation")
        .first()
    )
    return feed.person if feed is not None and hmac.compare_digest(feed.digest, digest) else None
