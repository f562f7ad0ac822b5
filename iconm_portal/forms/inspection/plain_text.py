"""Text and CSV, looked at before a line is read. Pure."""

import codecs
from typing import Final

from iconm_portal.forms.inspection.refusals import Refusal, UploadRefused

ENCODINGS: Final = ("utf-8-sig", "cp932")
LONGEST_LINE: Final = 1024 * 1024
"""Bytes without an end of line. No table that anybody reads comes near; a parser would hold all of it."""
_PIECE: Final = 1 << 16


def check_text(data: bytes) -> str:
    """The encoding. UploadRefused for what is no text, or for a line without end."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UploadRefused(Refusal.EMPTY)
    if b"\0" in data:
        raise UploadRefused(Refusal.NOT_TEXT)
    _check_lines(data)
    return _encoding(data)


def _check_lines(data: bytes) -> None:
    begin = 0
    while len(data) - begin > LONGEST_LINE:
        within = begin, begin + LONGEST_LINE + 1
        begin = max(data.rfind(b"\n", *within), data.rfind(b"\r", *within)) + 1
        if begin == 0:
            raise UploadRefused(Refusal.LINE_TOO_LONG, limit=LONGEST_LINE)


def _encoding(data: bytes) -> str:
    for name in ENCODINGS:
        decoder = codecs.getincrementaldecoder(name)()
        try:
            for start in range(0, len(data), _PIECE):
                decoder.decode(data[start : start + _PIECE])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise UploadRefused(Refusal.NOT_TEXT)
