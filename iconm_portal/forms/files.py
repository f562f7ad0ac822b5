"""Files as they are kept in the database, and given out only as a download."""

import hashlib
from typing import TypeVar
from urllib.parse import quote

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from iconm_portal.inspection.inspecting import CheckedFile
from iconm_portal.inspection.kinds import XLSX
from iconm_portal.models import Center, FileContent, StoredFile, User

Response = TypeVar("Response", bound=HttpResponseBase)

CSV = "text/csv; charset=utf-8"
MADE_TYPES = {"xlsx": XLSX, "csv": CSV}
"""What the portal itself makes to be downloaded, by its ending."""


def store(checked: CheckedFile, *, center: Center, by: User) -> StoredFile:
    """Keep the file. Runs in the transaction of the action that attaches it."""
    file = StoredFile.objects.create(
        center=center,
        name=checked.name,
        content_type=checked.content_type,
        size=len(checked.data),
        sha256=hashlib.sha256(checked.data).hexdigest(),
        uploaded_by=by,
    )
    FileContent.objects.create(file=file, data=checked.data)
    return file


def download(file: StoredFile) -> HttpResponse:
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
