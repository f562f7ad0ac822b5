"""Files as they are kept in the database, and given out only as a download."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import quote

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from iconm_portal.forms.inspection.inspecting import CheckedFile
from iconm_portal.forms.inspection.kinds import XLSX
from iconm_portal.models import Center, FileContent, StoredFile, User, WaitingContent, WaitingFile

Response = TypeVar("Response", bound=HttpResponseBase)

CSV = "text/csv; charset=utf-8"
MADE_TYPES = {"xlsx": XLSX, "csv": CSV}
"""What the portal itself makes to be downloaded, by its ending."""


def store(checked: CheckedFile, *, center: Center, by: User) -> StoredFile:
    """Keep the file. Runs in the transaction of the action that attaches it."""
    file = StoredFile.objects.create(center=center, uploaded_by=by, **_described(checked))
    FileContent.objects.create(file=file, data=checked.data)
    return file


UNDECIDED: Final = timedelta(days=30)
"""How long what somebody uploaded waits to be applied."""
TO_FETCH: Final = timedelta(days=7)
"""How long what a job made waits to be fetched: it can be made again."""


def wait(
    checked: CheckedFile, *, center: Center, by: User, at: datetime, until: datetime, subject: str = ""
) -> WaitingFile:
    """Let the file wait for somebody. Runs in the transaction of what it waits for."""
    file = WaitingFile.objects.create(
        **_described(checked),
        center=center,
        subject=subject,
        uploaded_at=at,
        uploaded_by=by,
        waits_until=until,
    )
    WaitingContent.objects.create(file=file, data=checked.data)
    return file


def _described(checked: CheckedFile) -> dict[str, Any]:
    """What a row says of its file, stored or waiting."""
    return {
        "name": checked.name,
        "content_type": checked.content_type,
        "size": len(checked.data),
        "sha256": hashlib.sha256(checked.data).hexdigest(),
    }


def settle(waiting: WaitingFile) -> StoredFile:
    """Keep what has waited, as it came. Runs in the transaction of the action that rests on it."""
    stored = StoredFile.objects.create(
        center=waiting.center,
        name=waiting.name,
        content_type=waiting.content_type,
        size=waiting.size,
        sha256=waiting.sha256,
        uploaded_at=waiting.uploaded_at,
        uploaded_by=waiting.uploaded_by,
    )
    FileContent.objects.create(file=stored, data=waiting.content.data)
    # Not by the row itself, which is shown again if what rests on the file is refused after all.
    WaitingFile.objects.filter(pk=waiting.pk).delete()
    return stored


def give_up(*, subject: str) -> None:
    """Let go what waits for a thing that is given up itself. Runs in the transaction in which that is."""
    WaitingFile.objects.filter(subject=subject).delete()


def download(file: StoredFile | WaitingFile) -> HttpResponse:
    """The file as a download, never shown inside the portal's own origin."""
    response = HttpResponse(bytes(file.content.data), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition(file.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def made(data: bytes, name: str) -> HttpResponse:
    """What was made just now for this person, as a download; its ending says what it is (`MADE_TYPES`)."""
    return as_made(HttpResponse(data, content_type=MADE_TYPES[name.rpartition(".")[2]]), name)


def as_made(response: Response, name: str) -> Response:
    """The same for an answer that is written while it is sent."""
    response["Content-Disposition"] = content_disposition(name)
    response["Cache-Control"] = "private, no-store"
    return response


def content_disposition(name: str) -> str:
    """`attachment` with a Japanese file name, as RFC 6266 writes it."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
