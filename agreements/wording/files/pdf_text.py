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
    if len(_BROKEN.findall(whole)) * 10 > len(whole) or not _JAPANESE.search(whole):
        raise TextFileRefused(Refusal.NO_LETTERS)
    notes, lines = [], 1
    for number, page in enumerate(pages, 1):
        if not page.strip():
            notes.append(Problem(ProblemCode.PAGE_WITHOUT_TEXT, lines, {"page": number}))
        lines += page.count("\n") + 1
    return Extracted("\n\f".join(pages), tuple(notes))
