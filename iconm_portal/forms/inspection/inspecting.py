"""The one place that decides whether a file from outside comes in, whatever the door (decision record 26)."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.core.files.uploadedfile import UploadedFile

from iconm_portal.forms.inspection.kinds import FileKind, kind_of
from iconm_portal.forms.inspection.packages import check_size
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused
from iconm_portal.forms.inspection.virus_scan import check_virus

LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class CheckedFile:
    """A file whose name, size and kind have been found in order."""

    name: str
    content_type: str
    data: bytes


def inspect(uploaded: UploadedFile, accepted: Iterable[FileKind], limits: Limits) -> CheckedFile:
    """The uploaded file if it may be kept. UploadRefused otherwise: what is cheap to see is looked at first."""
    name = clean_name(uploaded.name or "")
    if not name or len(name) > LONGEST_NAME:
        raise UploadRefused(Refusal.NAME_TOO_LONG, limit=LONGEST_NAME)
    kind = kind_of(name, accepted)
    data = content(uploaded, limits)
    kind.check(data, limits)
    check_virus(data)
    return CheckedFile(name, kind.content_type, data)


def clean_name(name: str) -> str:
    """Without folders and without what cannot be seen."""
    text = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    return "".join(character for character in text if character.isprintable()).strip()


def content(uploaded: UploadedFile, limits: Limits) -> bytes:
    """All of it, if that is neither nothing nor too much."""
    check_size(uploaded.size or 0, limits)
    uploaded.seek(0)  # a form that is shown again is made anew from the same file
    data = uploaded.read()
    if not data:
        raise UploadRefused(Refusal.EMPTY)
    return data
