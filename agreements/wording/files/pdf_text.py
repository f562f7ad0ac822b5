"""The text of a PDF file, page by page. Runs in a process of its own (`extracting`): what pypdf does with a hostile file
is bounded from outside."""

import io
import re
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from agreements.wording.files.extracted import MOST_PAGES, Extracted, plain
from agreements.wording.text_file import Refusal, TextFileRefused
from agreements.wording.tree import MOST_CHARACTERS, Problem, ProblemCode

_JAPANESE: Final = re.compile("[ぁ-ヿ一-鿿]")
_BROKEN: Final = re.compile("[\ue000-\uf8ff\ufffd\x00-\x08]|\\(cid:\\d+\\)")
_SHRED: Final = re.compile("(?m)^[ぁ-ヿ一-鿿、。]{1,3}$")
_LEAST_SHREDS: Final = 40


def pdf_text(data: bytes) -> Extracted:
    """TextFileRefused for a scan, a file that is protected, and one of too many pages."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise TextFileRefused(Refusal.ENCRYPTED)
        count = len(reader.pages)
        if count > MOST_PAGES:
            raise TextFileRefused(Refusal.TOO_MANY_PAGES, pages=count, limit=MOST_PAGES)
        pages = []
        for page in reader.pages:
            pages.append(plain(page.extract_text()).strip("\n"))
            if sum(map(len, pages)) > MOST_CHARACTERS:
                break  # the reader refuses it for its length
    except (PyPdfError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, TextFileRefused):
            raise
        raise TextFileRefused(Refusal.DAMAGED) from error
    return _checked(pages)


def _checked(pages: list[str]) -> Extracted:
    whole = "".join(pages)
    if not whole.strip():
        raise TextFileRefused(Refusal.SCAN)
    # Of text that is set vertically little more is got than single letters, each in its line
    shreds = len(_SHRED.findall("\n".join(pages)))
    is_shredded = shreds >= _LEAST_SHREDS and shreds * 3 > sum(page.count("\n") + 1 for page in pages)
    if len(_BROKEN.findall(whole)) * 10 > len(whole) or not _JAPANESE.search(whole) or is_shredded:
        raise TextFileRefused(Refusal.NO_LETTERS)
    notes, lines = [], 1
    for number, page in enumerate(pages, 1):
        if not page.strip():
            notes.append(Problem(ProblemCode.PAGE_WITHOUT_TEXT, lines, {"page": number}))
        lines += page.count("\n") + 1
    return Extracted("\n\f".join(pages), tuple(notes))
