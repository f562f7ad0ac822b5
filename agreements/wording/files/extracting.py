"""Word and PDF files read by a process that may only take so long and so much memory (`extract_process`).

Their parsers' time and memory are in the hands of who wrote the file, and a person waits for the page.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from agreements.wording.files.extracted import MOST_SECONDS, Extracted, Format, from_data
from agreements.wording.text_file import Refusal, TextFileRefused

_ROOT: Final = Path(__file__).resolve().parents[3]
_PROCESS: Final = "agreements.wording.files.extract_process"


def extract(data: bytes, form: Format, seconds: int = MOST_SECONDS) -> Extracted:
    """The text of a file. TextFileRefused where it gives none, or not within the limits."""
    try:
        done = subprocess.run(  # noqa: S603 - a module of ours, by Python itself, without a shell
            [sys.executable, "-m", _PROCESS, form.value, str(seconds)],
            input=data,
            capture_output=True,
            timeout=3 * seconds,  # others may have the processor
            check=False,
            cwd=_ROOT,
            env={"PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        said = json.loads(done.stdout) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        said = None
    else:
        if done.returncode > 0:  # it met something that its parser does not expect
            raise TextFileRefused(Refusal.DAMAGED)
    if not isinstance(said, dict):
        raise TextFileRefused(Refusal.TOO_HARD)
    if "refused" in said:
        raise TextFileRefused(Refusal(said["refused"]), **said["params"])
    return Extracted(said["text"], from_data(said["notes"]))
