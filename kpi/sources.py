"""What the codes of the reference report's tables stand for, in words that a reader can follow."""

import csv
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "sources.csv"


@cache
def _titles() -> dict[str, tuple[str, str]]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: (row["document"], row["title"]) for row in csv.DictReader(lines)}


def in_words(source: str) -> str:
    """T1 → 総務委員会資料（令和4年1月27日）8 (2) 成果指標（KPI）; several joined by ・; anything else stays as it is."""
    known = [_titles()[code] for code in source.split("・") if code in _titles()]
    if not known:
        return source
    documents = dict.fromkeys(document for document, _title in known)
    return "、".join(
        document + "・".join(title for of, title in known if of == document) for document in documents
    )
