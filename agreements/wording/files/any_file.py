"""A file that holds a wording, as text: Word, PDF with text, or text in any encoding of Japanese.

What it is, its content says, not its name. It passes the inspection of files from outside before a parser sees it.
"""

from dataclasses import replace
from typing import Final

from agreements.wording.files.extracted import MOST_BYTES, Format
from agreements.wording.files.extracting import extract
from agreements.wording.text_file import (
    FileKind,
    Refusal,
    TextFile,
    TextFileRefused,
    clean,
    kind_by_signature,
    read_text_file,
)
from iconm_portal.forms.inspection import kinds
from iconm_portal.forms.inspection.packages import OLE
from iconm_portal.forms.inspection.refusals import EVIDENCE

LIMITS: Final = replace(EVIDENCE, bytes=MOST_BYTES)
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def read_any_file(data: bytes, filename: str = "", *, size: int = 0) -> TextFile:
    """The text, and what in the file is not in it. TextFileRefused or UploadRefused with the reason.

    `size` is the whole file's, in bytes, where `data` is only as much of it as shows that it is too large.
    """
    kind = kind_by_signature(data, filename)
    is_old = data.startswith(OLE)
    if is_old and _ENCRYPTED in data:
        raise TextFileRefused(Refusal.ENCRYPTED)
    if not is_old and kind is FileKind.WORD:
        return _read(data, Format.WORD, kinds.FileKind.DOCX, size)
    if kind is FileKind.PDF:
        return _read(data, Format.PDF, kinds.FileKind.PDF, size)
    return read_text_file(data, filename, size=size)


def _read(data: bytes, form: Format, inspected: kinds.FileKind, size: int) -> TextFile:
    if len(data) > MOST_BYTES:
        raise TextFileRefused(Refusal.TOO_LARGE, size=max(size, len(data)), limit=MOST_BYTES)
    inspected.check(data, LIMITS)
    found = extract(data, form)
    return TextFile(clean(found.text), form.value.upper() if form is Format.PDF else "Word", found.notes)
