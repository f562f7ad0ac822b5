"""An uploaded file as text: which encoding it is in, and why it may be none. Pure; no Django.

A wrong guess would be worse than a refusal, so an encoding must decode without an error and give what looks like
Japanese. Refusals are codes; whoever shows them has the words.
"""

import codecs
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Final

from agreements.wording.tree import Problem
from iconm_portal.forms.inspection import encodings

MOST_BYTES: Final = 1_000_000


class Refusal(StrEnum):
    """Why a file is not read; the params of `binary` say what it seems to be, those of `too_large` the limit."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"  # size, limit (bytes)
    BINARY = "binary"  # looks_like, a FileKind
    NOT_DECODABLE = "not_decodable"
    NO_JAPANESE = "no_japanese"
    # Of Word and PDF files
    SCAN = "scan"  # pictures of pages, no text
    NO_LETTERS = "no_letters"  # text in letters that nobody but the file's own fonts knows
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_MANY_PAGES = "too_many_pages"  # pages, limit
    TOO_HARD = "too_hard"  # not read within the time and memory that a file may take


class FileKind(StrEnum):
    """What a binary file seems to be, so that the refusal can say what to do (save as text, copy the text out)."""

    PDF = "pdf"
    WORD = "word"
    EXCEL = "excel"
    POWERPOINT = "powerpoint"
    OPEN_DOCUMENT = "open_document"
    OLD_OFFICE = "old_office"
    ICHITARO = "ichitaro"
    RICH_TEXT = "rich_text"
    ARCHIVE = "archive"
    IMAGE = "image"
    UNKNOWN = "unknown"


class TextFileRefused(ValueError):
    """A file that is not read as text; `code` is a Refusal, `params` what its message needs."""

    def __init__(self, code: Refusal, **params: str | int) -> None:
        self.code = code
        self.params: Mapping[str, str | int] = params
        super().__init__(f"{code}: {params}")


@dataclass(frozen=True, slots=True)
class TextFile:
    """The text with \\n at line ends and without control characters (page breaks stay), and its encoding's name."""

    text: str
    encoding: str
    notes: tuple[Problem, ...] = ()  # what in the file is not in the text, or was left out of it


def decode(data: bytes, filename: str = "") -> str:
    """The text of a file; TextFileRefused if it is none. The name only helps to say what a binary file is."""
    return read_text_file(data, filename).text


def read_text_file(data: bytes, filename: str = "", *, size: int = 0) -> TextFile:
    """The text of a file with the encoding that was found; TextFileRefused if it is none.

    `size` is the whole file's, in bytes, where `data` is only as much of it as shows that it is too large.
    """
    if len(data) > MOST_BYTES:
        raise TextFileRefused(Refusal.TOO_LARGE, size=max(size, len(data)), limit=MOST_BYTES)
    if not data.strip(b"\x00\t\n\r\f \xef\xbb\xbf"):
        raise TextFileRefused(Refusal.EMPTY)
    kind = kind_by_signature(data, filename)
    if kind is not None:
        raise TextFileRefused(Refusal.BINARY, looks_like=kind)
    encoding, raw = _decoded(data)
    text = clean(raw)
    if not text.strip():
        raise TextFileRefused(Refusal.EMPTY)
    if not _JAPANESE.search(text):
        raise TextFileRefused(Refusal.NO_JAPANESE)
    return TextFile(text, encoding)


# --- what is no text ----------------------------------------------------------------------------

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES: Final = (
    (b"%PDF-", FileKind.PDF),
    (b"{\\rtf", FileKind.RICH_TEXT),
    (b"\x89PNG\r\n", FileKind.IMAGE),
    (b"\xff\xd8\xff", FileKind.IMAGE),
    (b"GIF8", FileKind.IMAGE),
    (b"II*\x00", FileKind.IMAGE),
    (b"MM\x00*", FileKind.IMAGE),
    (b"\x1f\x8b", FileKind.ARCHIVE),
    (b"7z\xbc\xaf", FileKind.ARCHIVE),
    (b"Rar!", FileKind.ARCHIVE),
)
_INSIDE_ZIP: Final = (
    (b"word/", FileKind.WORD),
    (b"xl/", FileKind.EXCEL),
    (b"ppt/", FileKind.POWERPOINT),
    (b"application/vnd.oasis.opendocument", FileKind.OPEN_DOCUMENT),
)
_OLD_OFFICE_NAMES: Final = {
    ".doc": FileKind.WORD,
    ".xls": FileKind.EXCEL,
    ".ppt": FileKind.POWERPOINT,
    ".jtd": FileKind.ICHITARO,
    ".jtt": FileKind.ICHITARO,
}


def kind_by_signature(data: bytes, filename: str) -> FileKind | None:
    """What a binary file is by its first bytes; None for what may be text."""
    if data.startswith(_ZIP):
        return next((kind for name, kind in _INSIDE_ZIP if name in data), FileKind.ARCHIVE)
    if data.startswith(_OLE):
        return _OLD_OFFICE_NAMES.get(PurePath(filename).suffix.lower(), FileKind.OLD_OFFICE)
    if b"%PDF-" in data[:1024]:
        return FileKind.PDF
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)


# --- which encoding -----------------------------------------------------------------------------

_JAPANESE: Final = re.compile(r"[ぁ-ヿ一-鿿]")
_UNSURE: Final = ("cp932", "euc_jis_2004")
"""Nearly every file can be read in these without a fault."""
_KANA: Final = re.compile("[ぁ-んァ-ヶ]")
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_JAPANESE_WORD: Final = re.compile("第[^第\\n]{1,4}条|協定|契約|規程|覚書")
_SHORT: Final = 100  # letters: a text of titles and headings may have no kana
_LEAST_KANA: Final = 0.1
"""Of what is not ASCII in a Japanese wording, at least so much is kana. Chinese in GB18030 or Big5, which looks like kanji or
half-width kana, has none."""


def _decoded(data: bytes) -> tuple[str, str]:
    """The encoding's name and the text; the byte order mark decides, then UTF-8, then what reads like Japanese."""
    codec = encodings.encoding_of(data)
    if codec is None:
        is_binary = b"\x00" in data and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        raise _no_text() if is_binary else TextFileRefused(Refusal.NOT_DECODABLE)
    text = data.decode(codec)
    if _controls(text) * 10 > len(text):
        raise _no_text()
    if codec in _UNSURE and not (encodings.reads_like_japanese(text) and _has_kana(text)):
        raise TextFileRefused(Refusal.NOT_DECODABLE)
    return encodings.NAMES[codec], text


def _has_kana(text: str) -> bool:
    letters = len(_BEYOND_ASCII.findall(text))
    is_short = letters < _SHORT and _JAPANESE_WORD.search(text) is not None
    return is_short or len(_KANA.findall(text)) >= _LEAST_KANA * letters


def _no_text() -> TextFileRefused:
    return TextFileRefused(Refusal.BINARY, looks_like=FileKind.UNKNOWN)


def _controls(text: str) -> int:
    return sum(
        1 for letter in text if unicodedata.category(letter) == "Cc" and letter not in "\t\n\v\f\r\x85"
    )


# --- clean text ---------------------------------------------------------------------------------

_LINE_END: Final = re.compile(r"\r\n|[\r\v\x85\u2028\u2029]")
_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]"
)


def clean(raw: str) -> str:
    """With \\n at line ends, without a word processor's controls and without signs that turn the writing around."""
    return _INVISIBLE.sub("", _LINE_END.sub("\n", raw))
