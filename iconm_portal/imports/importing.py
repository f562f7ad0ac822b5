"""Importing a table that somebody uploads: read and checked row by row, shown, then applied as a whole or not at all.

An app describes what it imports by a `Spec`, and gives it five pages around `iconm_portal/imports/pages.py`:

    class RecordChecker:
        def __init__(self, table: TableImport, today: date) -> None: ...   # loads what every row is held against, once
        def check(self, rows: Sequence[Row]) -> None:            # chunks of rows; constant queries per chunk
            for row in rows:
                if row.get("name") not in self.known:
                    row.error("name", UNKNOWN, name=row.get("name"))     # UNKNOWN = gettext_noop("…%(name)s…")
                if ...: row.warn("date", REPEATED, row=12)               # a warning does not keep anybody from applying
                row.resolved = NewRecord(...)                    # for `apply`; not stored
        def summary(self) -> dict[str, Any]: ...                 # JSON: counts and sums for `describe`

    def prepare(table, rows, by, at) -> PreparedRecords:         # rows: Iterator[Row], checked anew; outside the transaction
        return actions.prepare_many(records=(row.resolved for row in rows), ...)

    def apply(table, prepared, by, at) -> dict[str, Any]:        # inside it; Outdated where they must be prepared anew
        return {"records": actions.add_prepared(prepared, by=by)}                        # goes into the history

    RECORDS = specs.register(Spec(
        kind="kpi.records", title=_("Records"), right=Right.KEEP,
        columns=(Column("date", ("日付", "Date"), Day(), required=True), Column("name", ("件名", "Name"), Text(200), True)),
        checker=RecordChecker, prepare=prepare, apply=apply, describe=describe, pages="kpi:record_import",
    ))

Values that the columns' parsers gave are staged in `ImportRow` as JSON; the checker sees them when they are read and
again when they are applied, against whatever has changed since. Without `prepare`, for tables of few rows, `apply` is given
the rows and they are checked inside the transaction. Messages are msgids with parameters and
are put into words when they are shown (`iconm_portal/imports/texts.py`).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from iconm_portal.forms import files
from iconm_portal.forms.inspection.refusals import UploadRefused
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.history import history, once
from iconm_portal.history.history import Actor
from iconm_portal.imports import table_reader, texts
from iconm_portal.imports.deciding.problem_kinds import Tally
from iconm_portal.imports.reading import findings, meaning
from iconm_portal.imports.reading.chosen import Contradiction
from iconm_portal.imports.reading.tables import ReadTable
from iconm_portal.imports.specs import Outdated, ReadRow, Spec, spec_of
from iconm_portal.models import Center, ImportRow, ImportState, Job, TableImport, User, WaitingFile
from iconm_portal.people.access import require
from iconm_portal.values import clock
from iconm_portal.work import jobs
from iconm_portal.work.kinds import Failed, work
from iconm_portal.work.progress import Progress

CHUNK: Final = 1_000
AT_ONCE_BYTES: Final = 200_000
"""A smaller file is read while its sender waits; a larger one in a job."""
AT_ONCE_ROWS: Final = 2_000
"""So is a smaller table applied."""
TRIES: Final = 3
"""To prepare a table that others keep changing the ground under."""
OPEN: Final = tuple(state for state in ImportState if state.may_be_applied)


DISCARDED_MEANWHILE: Final = gettext_noop("The import was discarded meanwhile.")


class Repeated(Exception):
    """The same file was applied, or rows of it are there already, and nobody has said that this is meant.

    `applied` is the import that did it; None where it is about `rows` single ones.
    """

    def __init__(self, applied: TableImport | None = None, rows: int = 0) -> None:
        super().__init__(rows)
        self.applied, self.rows = applied, rows


class ChangedSince(Exception):
    """Rows that were in order when they were read no longer are; they are marked now, and nothing was applied."""


def same_file(table: TableImport) -> QuerySet[TableImport]:
    """Other imports of this file at the center, applied or open; also where it was only saved anew or under another name."""
    found = _of_file(table).filter(state__in=[*OPEN, ImportState.APPLIED]).exclude(pk=table.pk)
    return found.select_related("uploaded_by", "applied_by")


def _of_file(table: TableImport) -> QuerySet[TableImport]:
    """Every import of the same bytes, or of rows that say the same."""
    same = Q(sha256=table.sha256) | (Q(contents=table.contents) if table.contents else Q())
    return TableImport.objects.filter(same, center=table.center_id, kind=table.kind)


# -- Reading --


def upload(
    *, spec: Spec, center: Center, file: files.CheckedFile, params: dict[str, Any], by: User, at: datetime
) -> TableImport:
    """Let the file wait, and read it: at once, or in a job (`table.job`) where it is large. Changes nothing else.

    UnderWay where the person's job that reads the same file is not done yet; then nothing is kept.
    """
    require(by, center, spec.right)
    with transaction.atomic():
        once.claim()
        waiting = files.wait(file, center=center, by=by, at=at, until=at + files.UNDECIDED)
        table = TableImport.objects.create(
            center=center,
            kind=spec.kind,
            params=params,
            name=waiting.name,
            sha256=waiting.sha256,
            waiting=waiting,
            uploaded_at=at,
            uploaded_by=by,
        )
        if len(file.data) > AT_ONCE_BYTES:
            table.job = jobs.begin(
                kind="portal.import_read",
                subject=_file(table),
                title=file.name,
                center=center,
                params={"table": table.pk},
                by=by,
                at=at,
            )
            TableImport.objects.filter(pk=table.pk).update(job=table.job)
    if table.job is None:
        _read(table, lambda done, total=None: None)
    table.refresh_from_db()
    return table


@work("portal.import_read", label=gettext_lazy("Reading a table"))
def _read_in_job(job: Job, progress: Progress) -> None:
    table = _found(job)
    if table.state == ImportState.DISCARDED:
        raise Failed(DISCARDED_MEANWHILE)
    if table.state == ImportState.READING:  # otherwise it was read, and only its worker ended before it could say so
        _read(table, progress)
    job.next_url = spec_of(table).page(table)


def _read(table: TableImport, progress: Callable[..., None]) -> None:
    """Stage the rows, chunk by chunk. A file that is not read as a whole says why in `refusal`."""
    spec = spec_of(table)
    if table.waiting is None:
        raise Failed(DISCARDED_MEANWHILE)
    table.rows.all().delete()  # of a reading that was stopped
    try:
        with table_reader.read_table(
            bytes(table.waiting.content.data),
            filename=table.name,
            columns=spec.columns,
            one_of=spec.one_of,
            chosen=spec.chosen(table),
            takes_lines=spec.takes_lines,
        ) as source:
            read = table.params | {"read": findings.told(source)}
            _settle_reading(table, ImportState.READING, params=read, row_count=0, problem_count=0)
            summary, contents = _stage(table, spec, source, progress)
            read = table.params | {"read": findings.told(source)}  # with what was seen on the way
    except UploadRefused as refused:
        table.rows.all().delete()
        _refuse(table, {"code": str(refused.code), "params": refused.params})
        return
    except Contradiction as refused:
        table.rows.all().delete()
        _refuse(table, {"code": texts.CONTRADICTION, "params": refused.params | {"message": refused.message}})
        return
    if not table.row_count:
        _refuse(table, {"code": texts.NO_ROWS, "params": {}})
        return
    _settle_reading(table, ImportState.CHECKED, params=read | {"summary": summary}, contents=contents)


@transaction.atomic
def _refuse(table: TableImport, refusal: dict[str, Any]) -> None:
    """Say why the file is not read. Nothing of it stays."""
    _settle_reading(table, ImportState.REFUSED, refusal=refusal, row_count=0, problem_count=0)
    WaitingFile.objects.filter(table_import=table).delete()


def _stage(
    table: TableImport, spec: Spec, source: ReadTable, progress: Callable[..., None]
) -> tuple[dict[str, Any], str]:
    """The summary, and a digest of what was understood."""
    checker, tally = spec.checker(table, clock.day_of(table.uploaded_at)), Tally()
    digest = sha256(_as_text({name: value for name, value in table.params.items() if name != "read"}))
    chosen = spec.chosen(table)
    for chunk in _chunks(meaning.read_as_stated(row, spec, chosen) for row in source.rows()):
        checker.check(chunk)
        tally.add(chunk)
        with transaction.atomic():
            ImportRow.objects.bulk_create(
                ImportRow(table=table, number=row.number, values=row.values, **_problems(row))
                for row in chunk
            )
            _settle_reading(
                table,
                ImportState.READING,
                row_count=table.row_count + sum(not row.is_left_out for row in chunk),
                problem_count=table.problem_count + _errors(chunk),
            )
        for row in chunk:
            digest.update(_as_text(row.values))
        progress(table.row_count)
    return {**checker.summary(), **tally.as_json()}, digest.hexdigest()


def _as_text(values: Mapping[str, Any]) -> bytes:
    """The same of equal values; blanks are no values."""
    told = {name: value for name, value in values.items() if value not in ("", None)}
    return json.dumps(told, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _problems(row: ReadRow) -> dict[str, Any]:
    return {
        "problems": row.problems,
        "has_problem": bool(row.problems),
        "has_error": not row.is_sound(),
        "is_repeated": bool(row.repeated_on),
    }


def _settle_reading(table: TableImport, state: str, **changes: Any) -> None:
    """Write how far the reading is, unless the import was discarded meanwhile."""
    now_open = TableImport.objects.filter(pk=table.pk, state=ImportState.READING)
    if not now_open.update(state=state, **changes):
        raise Failed(DISCARDED_MEANWHILE)
    for name, value in {"state": state, **changes}.items():
        setattr(table, name, value)


def _errors(rows: Iterable[ReadRow]) -> int:
    return sum(problem["level"] == "error" for row in rows for problem in row.problems)


def _chunks(rows: Iterable[ReadRow]) -> Iterator[list[ReadRow]]:
    chunk: list[ReadRow] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


# -- Applying, discarding --


def apply(*, table: TableImport, by: User, at: datetime, is_meant: bool = False) -> TableImport:
    """Apply a checked import, at once or (`table.job`) in a job where it is long; all of it or nothing.

    `is_meant`: what is there already is to be put in once more. WrongStep unless it is checked; ValidationError where it
    has problems, or what the app refuses; Repeated; ChangedSince.
    """
    spec = spec_of(table)
    require(by, table.center, spec.right)
    if table.row_count <= AT_ONCE_ROWS:
        _apply(table, by, at, is_meant, lambda done, total=None: None)
    else:
        _refuse_early(table, is_meant)
        job = jobs.begin(
            kind="portal.import_apply",
            subject=_file(table),
            title=table.name,
            center=table.center,
            params={"table": table.pk, "is_meant": is_meant},
            by=by,
            at=at,
        )
        TableImport.objects.filter(pk=table.pk, state=ImportState.CHECKED).update(job=job)
    table.refresh_from_db()
    return table


@work("portal.import_apply", label=gettext_lazy("Applying an imported table"))
def _apply_in_job(job: Job, progress: Progress) -> None:
    table = _found(job)
    job.next_url = spec_of(table).page(table)
    try:
        with clock.not_before(history.last_moment()):
            is_meant = job.params.get("is_meant", job.params.get("same_file_is_meant", False))
            _apply(table, job.owner, clock.now(), is_meant, progress)
    except ChangedSince:
        return  # the import's own page shows the rows
    except WrongStep:
        if not TableImport.objects.filter(pk=table.pk, state=ImportState.APPLIED).exists():
            raise Failed(gettext_noop("The import is no longer there to be applied.")) from None
    except Repeated as repeated:
        if repeated.rows:
            return  # and the rows that are there already
        raise Failed(gettext_noop("The same file was imported meanwhile. Nothing was applied.")) from None
    except ValidationError as refused:
        raise Failed(" ".join(refused.messages)) from None


def _refuse_early(table: TableImport, is_meant: bool) -> None:
    if table.state != ImportState.CHECKED:
        raise WrongStep
    if table.problem_count:
        raise ValidationError(
            _("Rows with problems cannot be applied. Correct the file and upload it again.")
        )
    if is_meant:
        return
    if applied := same_file(table).filter(state=ImportState.APPLIED).first():
        raise Repeated(applied)
    if rows := table.rows.filter(is_repeated=True).count():
        raise Repeated(rows=rows)


def _apply(table: TableImport, by: User, at: datetime, is_meant: bool, progress: Callable[..., None]) -> None:
    """All or nothing. The transaction, in which on SQLite nobody else can write, only puts in what was prepared before it."""
    spec = spec_of(table)
    require(by, table.center, spec.right)
    _refuse_early(table, is_meant)
    for _try in range(TRIES):
        found: list[ReadRow] = []
        try:
            rows: Any = _staged(table, clock.day_of(at), found, progress, is_meant=is_meant)
            if spec.prepare is not None:
                rows = spec.prepare(table, rows, by, at)
            _put_in(table, rows, by, at, is_meant)
        except Outdated:
            continue
        except (ChangedSince, Repeated):
            _mark(table, found)
            raise
        _forget_rows(table)
        return
    raise ValidationError(
        _("What the rows rest on was changed again and again meanwhile. Apply the table a little later.")
    )


@transaction.atomic
def _put_in(table: TableImport, rows: Any, by: User, at: datetime, is_meant: bool) -> None:
    # Whoever else applies it waits here, and then finds it applied. So does who applies another upload of the same file:
    # whether that was applied is looked up behind the lock.
    _lock_file(table)
    claim = TableImport.objects.filter(pk=table.pk, state=ImportState.CHECKED)
    _refuse_early(table, is_meant)
    waiting = WaitingFile.objects.filter(table_import__in=claim).first()
    if waiting is None:
        raise WrongStep
    kept = files.settle(waiting)
    done = dict(spec_of(table).apply(table, rows, by, at))
    params = table.params | ({"before": done.pop("before")} if "before" in done else {})
    if not claim.update(state=ImportState.APPLIED, file=kept, params=params, applied_at=at, applied_by=by):
        raise WrongStep
    history.record(
        by=by,
        action="import.apply",
        subject=table,
        center=table.center,
        after={"rows": table.row_count, **done},
    )


def _forget_rows(table: TableImport) -> None:
    """In a transaction of its own, so that others can write before it. Should we be ended meanwhile, they go at night."""
    table.rows.all().delete()


def _lock_file(table: TableImport) -> None:
    """Every upload of this file at the center, in one order, until the end (SQLite has one writer anyway)."""
    uploads = _of_file(table).order_by("pk")
    list(uploads.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _staged(
    table: TableImport, today: date, found: list[ReadRow], progress: Callable[..., None], *, is_meant: bool
) -> Iterator[ReadRow]:
    """The staged rows, checked against what there is now. ChangedSince at the first chunk with errors; Repeated at the first
    with rows that have come in since by another way.

    The checker looks when the first row is asked for. Where nothing is prepared, that is in the transaction: what the app
    locks before that is as it will be written to.
    """
    checker, done, last = spec_of(table).checker(table, today), 0, 0
    # Not by iterator(): a cursor of the server's would outlive the transaction that an error ends.
    while staged := table.rows.filter(number__gt=last).values_list("number", "values")[:CHUNK]:
        chunk = [ReadRow(number, values) for number, values in staged]
        last = chunk[-1].number
        checker.check(chunk)
        if _errors(chunk):
            found.extend(chunk)
            raise ChangedSince
        if not is_meant and (repeated := sum(bool(row.repeated_on) for row in chunk)):
            found.extend(chunk)
            raise Repeated(rows=repeated)
        yield from chunk
        done += len(chunk)
        progress(done, table.row_count)


def _mark(table: TableImport, rows: Sequence[ReadRow]) -> None:
    """Keep what is wrong now, so that the import's page shows it."""
    if not rows:
        return
    tally = Tally()
    tally.add(rows)
    summary = table.params.get("summary", {})
    params = table.params | {"summary": summary | tally.beside(summary)}
    with transaction.atomic():
        now_open = TableImport.objects.filter(pk=table.pk, state=ImportState.CHECKED)
        if not now_open.update(problem_count=_errors(rows), params=params):
            return
        for row in rows:
            if row.problems:
                table.rows.filter(number=row.number).update(**_problems(row))


@transaction.atomic
def discard(*, table: TableImport, by: User) -> None:
    """Give up an import that is not applied; its rows and its file go. WrongStep where it is applied or discarded already."""
    require(by, table.center, spec_of(table).right)
    give_up(table, by)


def give_up(table: TableImport, by: Actor, reason: str = "") -> None:
    """The same, in the transaction of whoever asks."""
    now_open = TableImport.objects.filter(pk=table.pk, state__in=[*OPEN, ImportState.REFUSED])
    if not now_open.update(state=ImportState.DISCARDED):
        raise WrongStep
    table.rows.all().delete()
    WaitingFile.objects.filter(table_import=table).delete()
    history.record(by=by, action="import.discard", subject=table, center=table.center, reason=reason)


def _file(table: TableImport) -> str:
    """What a job works on: the file, whichever upload of it, and where it goes."""
    return f"{table.center.code}/{table.kind}/{table.sha256}"


def _found(job: Job) -> TableImport:
    return TableImport.objects.select_related("center").get(pk=job.params["table"], center=job.center)
