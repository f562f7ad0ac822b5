"""What the reviewing side returned and does not see before it is handed in again: it keeps knowing that, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class SentBack:
    """What was returned, when, by whom, and what was said; comments with text, written_by and written_at."""

    what: str
    at: datetime
    by: str
    comments: Iterable[Any]
