"""Files as evidence: checked when they come, kept in the database, given out only as a download."""

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from iconm_portal.models import Center, FileContent, StoredFile, User

Response = TypeVar("Response", bound=HttpResponseBase)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
MADE_TYPES = {"xlsx": XLSX, "csv": CSV}
"""What the portal itself makes to be downloaded, by its ending."""
_ZIP = (b"PK\x03\x04",)
# Ending → (content type, how such a file begins). Text has no signature; it must decode instead.
TYPES: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "xlsx": (XLSX, _ZIP),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _ZIP),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "csv": ("text/csv", ()),
    "txt": ("text/plain", ()),
}
ACCEPT = ",".join(f".{ending}" for ending in TYPES)
_TEXT_ENCODINGS = ("utf-8-sig", "cp932")


@dataclass(frozen=True)
class CheckedFile:
    """A file whose name, size and kind have been found in order."""

    name: str
    content_type: str
    data: bytes


def check(uploaded: UploadedFile) -> CheckedFile:
    """The uploaded file if it may be kept. Raises ValidationError with a message for the person."""
    name = unicodedata.normalize("NFC", (uploaded.name or "").replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(character for character in name if character.isprintable()).strip()
    ending = name.rpartition(".")[2].lower()
    if len(name) > 200 or not name:
        raise ValidationError(_("The file name is empty or longer than 200 characters. Rename the file."))
    if ending not in TYPES:
        raise ValidationError(
            _("“%(name)s” is not of an accepted type. Accepted: %(types)s."),
            params={"name": name, "types": ", ".join(TYPES)},
        )
    size = uploaded.size or 0
    if size > settings.EVIDENCE_MAX_BYTES:
        raise ValidationError(
            _("“%(name)s” is %(size)s; a file may have at most %(limit)s."),
            params={
                "name": name,
                "size": filesizeformat(size),
                "limit": filesizeformat(settings.EVIDENCE_MAX_BYTES),
            },
        )
    data = uploaded.read()
    if not data:
        raise ValidationError(_("“%(name)s” is empty."), params={"name": name})
    content_type, signatures = TYPES[ending]
    if not (data.startswith(signatures) if signatures else _is_text(data)):
        raise ValidationError(
            _("“%(name)s” is not what its ending says. Save it again in its own program."),
            params={"name": name},
        )
    return CheckedFile(name, content_type, data)


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


def _is_text(data: bytes) -> bool:
    if b"\x00" in data:
        return False
    for encoding in _TEXT_ENCODINGS:
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
