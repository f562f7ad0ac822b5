"""The process that reads one Word or PDF file: from the standard input, as JSON to the standard output; it opens nothing else.

Started by `extracting`: `python -m agreements.wording.files.extract_process word|pdf SECONDS`.
"""

import json
import resource
import sys
from typing import assert_never

from agreements.wording.files.extracted import MOST_MEMORY, Extracted, Format, as_data
from agreements.wording.files.pdf_text import pdf_text
from agreements.wording.files.word_text import word_text
from agreements.wording.text_file import TextFileRefused


def main() -> None:
    """Read within the limits, and write what was read or why nothing was."""
    seconds = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    data = sys.stdin.buffer.read()
    try:
        found = _read(data, Format(sys.argv[1]))
    except TextFileRefused as refused:
        json.dump({"refused": refused.code, "params": dict(refused.params)}, sys.stdout)
    else:
        json.dump({"text": found.text, "notes": as_data(found.notes)}, sys.stdout)


def _read(data: bytes, form: Format) -> Extracted:
    match form:
        case Format.WORD:
            return word_text(data)
        case Format.PDF:
            return pdf_text(data)
        case _:
            assert_never(form)


if __name__ == "__main__":
    main()
