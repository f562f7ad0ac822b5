"""Committee packs: prepared by the supporter's staff, then frozen for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from iconm_portal.forms import files
from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import version_lock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Pack, PackState
from kpi.papers import contents, workbook
from kpi.papers.data import digest

JSON = "application/json"


@dataclass(frozen=True)
class Particulars:
    """What the person decides about a pack. `sections`: keys in order, each with its comment."""

    title: str
    committee: str
    presented_on: date | None
    department: str
    fiscal_year: FiscalYear
    as_of: date
    sections: Sequence[tuple[str, str]]

    def fields(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "committee": self.committee,
            "presented_on": self.presented_on,
            "department": self.department,
            "fiscal_year": self.fiscal_year,
            "as_of": self.as_of,
            "sections": [{"key": key, "comment": comment} for key, comment in self.sections],
        }


@transaction.atomic
def start(*, center: Center, particulars: Particulars, by: User, at: datetime) -> Pack:
    """Begin a pack. Conflict where somebody began one at the same moment."""
    require(by, center, Right.REVIEW)
    _is_possible(particulars)
    highest = Pack.objects.filter(center=center).aggregate(highest=Max("number"))["highest"] or 0
    pack = Pack(center=center, number=highest + 1, created_at=at, created_by=by, **particulars.fields())
    pack.full_clean(exclude=["sections"], validate_constraints=False)
    try:
        with transaction.atomic():
            pack.save()
    except IntegrityError as error:
        raise Conflict from error
    history.record(by=by, action="pack.start", subject=pack, center=center, after=_as_history(particulars))
    return pack


@transaction.atomic
def save(*, pack: Pack, version: int, particulars: Particulars, by: User, at: datetime) -> Pack:
    """Change what is being prepared. Conflict when somebody did since `version`."""
    require(by, pack.center, Right.REVIEW)
    _is_possible(particulars)
    before = _as_history(_particulars(pack))
    version_lock.step(pack, version, (PackState.DRAFT,), saved_at=at, saved_by=by, **particulars.fields())
    was, now = history.changed(before, _as_history(particulars))
    history.record(by=by, action="pack.save", subject=pack, center=pack.center, before=was, after=now)
    return pack


@transaction.atomic
def discard(*, pack: Pack, version: int, by: User, at: datetime) -> None:
    """Throw away what was never frozen."""
    require(by, pack.center, Right.REVIEW)
    version_lock.step(pack, version, (PackState.DRAFT,), saved_at=at, saved_by=by)
    history.record(
        by=by, action="pack.discard", subject=pack, center=pack.center, before=_as_history(_particulars(pack))
    )
    pack.delete()


def freeze(*, pack: Pack, version: int, by: User, at: datetime) -> Pack:
    """Keep the workbook's bytes and the data behind them, for good.

    The data are read from one state of the database; then all is written in one transaction. Conflict when somebody
    changed the pack since `version`; NothingKnownError where there is nothing to show.
    """
    require(by, pack.center, Right.REVIEW)
    made = workbook.make(pack, contents.read(pack.center, year=pack.fiscal_year, as_of=pack.as_of))
    written = made.to_bytes()
    with transaction.atomic():
        book = files.store(files.CheckedFile(made.file_name, files.XLSX, written), center=pack.center, by=by)
        name = made.file_name.removesuffix(".xlsx") + ".json"
        data = files.store(files.CheckedFile(name, JSON, made.data), center=pack.center, by=by)
        version_lock.step(
            pack,
            version,
            (PackState.DRAFT,),
            state=PackState.FROZEN,
            frozen_at=at,
            frozen_by=by,
            workbook=book,
            data=data,
            workbook_digest=digest(written),
            data_digest=digest(made.data),
        )
        history.record(
            by=by,
            action="pack.freeze",
            subject=pack,
            center=pack.center,
            after={"workbook_digest": pack.workbook_digest, "data_digest": pack.data_digest},
        )
    return pack


def _is_possible(particulars: Particulars) -> None:
    keys = [key for key, _comment in particulars.sections]
    if not keys:
        raise ValidationError({"sections": _("Choose at least one section.")})
    if len(set(keys)) != len(keys):
        raise ValueError(f"a section stands twice: {keys}")


def _particulars(pack: Pack) -> Particulars:
    return Particulars(
        pack.title,
        pack.committee,
        pack.presented_on,
        pack.department,
        pack.fiscal_year,
        pack.as_of,
        [(one["key"], one["comment"]) for one in pack.sections],
    )


def _as_history(particulars: Particulars) -> dict[str, Any]:
    fields = particulars.fields()
    return fields | {"fiscal_year": fields["fiscal_year"].start}
