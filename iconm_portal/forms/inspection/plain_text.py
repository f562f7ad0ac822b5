"""Text and CSV, looked at before a line is read. Pure."""

from typing import Final

from iconm_portal.forms.inspection.encodings import encoding_of
from iconm_portal.forms.inspection.refusals import Refusal, UploadRefused

LONGEST_LINE: Final = 1024 * 1024
"""Bytes without an end of line. No table that anybody reads comes near; a parser would hold all of it."""


def check_text(data: bytes) -> str:
    """The encoding. UploadRefused for what is no text, or for a line without end."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UploadRefused(Refusal.EMPTY)
    _check_lines(data)
    encoding = encoding_of(data)
    if encoding is None:
        raise UploadRefused(Refusal.NOT_TEXT)
    return encoding


def _check_lines(data: bytes) -> None:
    begin = 0
    while len(data) - begin > LONGEST_LINE:
        within = begin, begin + LONGEST_LINE + 1
        begin = max(data.rfind(b"\n", *within), data.rfind(b"\r", *within)) + 1
        if begin == 0:
            raise UploadRefused(Refusal.LINE_TOO_LONG, limit=LONGEST_LINE)
