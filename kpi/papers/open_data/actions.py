"""Opening a center's accepted figures to everybody, and closing them again: the supporter decides."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, require
from kpi.models import Publication


@transaction.atomic
def switch(*, center: Center, is_open: bool, version: int, by: User, at: datetime) -> Publication:
    """Open or close. `version` is what the person's page showed, 0 where nobody ever switched it. Conflict otherwise."""
    require(by, center, Right.REVIEW)
    if version == 0:
        try:
            with transaction.atomic():
                row = Publication.objects.create(
                    center=center, is_open=is_open, switched_at=at, switched_by=by
                )
        except IntegrityError as error:
            raise Conflict from error
        was = False
    else:
        found = Publication.objects.filter(center=center, version=version)
        was = found.values_list("is_open", flat=True).first() or False
        done = found.update(is_open=is_open, version=F("version") + 1, switched_at=at, switched_by=by)
        if not done:
            raise Conflict
        row = Publication.objects.get(center=center)
    history.record(
        by=by,
        action="publication.switch",
        subject=row,
        center=center,
        before={"is_open": was},
        after={"is_open": is_open},
    )
    return row
