"""What is planned for an activity in a year, and what came of it, kept by the foundation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import version_lock
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives.initiatives import SAVE, is_open_in
from kpi.models import Initiative, InitiativeYear


@transaction.atomic
def keep_year(
    *,
    initiative: Initiative,
    fiscal_year: FiscalYear,
    version: int,
    plan: str,
    result: str,
    by: User,
    at: datetime,
) -> InitiativeYear:
    """Write the year's plan and result; version 0 begins it. The history keeps each earlier text.

    Conflict when somebody saved or began it since `version`. ValidationError for a result of a year that has not begun,
    a year outside the scheme, and where nothing is written.
    """
    scheme = initiative.category.scheme
    require(by, scheme.center, Right.KEEP)
    texts = {"plan": plan.strip(), "result": result.strip()}
    today = clock.day_of(at)
    if not is_open_in(scheme.first_year, scheme.last_year, fiscal_year, today=today):
        raise ValidationError(_("This activity is not carried out in that fiscal year."))
    if texts["result"] and fiscal_year > FiscalYear.of(today):
        raise ValidationError({"result": _("The year has not begun; it can have a plan, but no result yet.")})
    row = InitiativeYear.objects.filter(initiative=initiative, fiscal_year=fiscal_year).first()
    before = {"plan": row.plan, "result": row.result} if row else {}
    if row is None:
        row = _begin(initiative, fiscal_year, version, texts, by, at)
    else:
        version_lock.write(row, version, saved_at=at, saved_by=by, **texts)
    was, now = history.changed(before, texts)
    history.record(by=by, action=SAVE, subject=row, center=scheme.center, before=was, after=now)
    return row


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote of an activity in a year, over the version that they saw (0: nothing yet)."""

    version: int
    plan: str
    result: str


@transaction.atomic
def keep_years(
    *, year: FiscalYear, written: Mapping[Initiative, Written], by: User, at: datetime
) -> list[InitiativeYear]:
    """Write a whole year at once; what is as it stands stays. Nothing is written where one of them cannot be.

    Conflict as for one; ValidationError at the fields of the sheet (`field_of`).
    """
    rows = InitiativeYear.objects.filter(fiscal_year=year, initiative__in=written)
    stored = {row.initiative_id: row for row in rows}
    kept: list[InitiativeYear] = []
    refusals: dict[str, list[str]] = {}
    for initiative, one in written.items():
        row = stored.get(initiative.pk)
        if (one.plan.strip(), one.result.strip()) == ((row.plan, row.result) if row else ("", "")):
            continue
        try:
            kept.append(
                keep_year(
                    initiative=initiative,
                    fiscal_year=year,
                    version=one.version,
                    plan=one.plan,
                    result=one.result,
                    by=by,
                    at=at,
                )
            )
        except ValidationError as error:
            said = error.message_dict if hasattr(error, "error_dict") else {"plan": error.messages}
            refusals |= {field_of(name, initiative.pk): messages for name, messages in said.items()}
    if refusals:
        raise ValidationError(refusals)
    return kept


def field_of(name: str, initiative: int) -> str:
    """The field of an activity's plan, result or version on the sheet of a year."""
    return f"{name}-{initiative}"


def _begin(
    initiative: Initiative,
    year: FiscalYear,
    version: int,
    texts: dict[str, str],
    by: User,
    at: datetime,
) -> InitiativeYear:
    if version:
        raise Conflict
    if not any(texts.values()):
        raise ValidationError(_("Nothing is written yet. Enter a plan or a result."))
    row = InitiativeYear(initiative=initiative, fiscal_year=year, saved_at=at, saved_by=by, **texts)
    row.full_clean(validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # somebody else began it at this very moment
        raise Conflict from error
    return row
