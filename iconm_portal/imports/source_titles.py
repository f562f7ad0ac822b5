"""What the codes of the reference report's tables stand for, in words that a reader can follow."""

import csv
from functools import cached_property
from pathlib import Path


class SourceTitles:
    """The titles of a `sources.csv`, read once."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @cached_property
    def titles(self) -> dict[str, tuple[str, str]]:
        """Document and title by code."""
        with self._file.open(encoding="utf-8", newline="") as lines:
            return {row["code"]: (row["document"], row["title"]) for row in csv.DictReader(lines)}

    def in_words(self, source: str) -> str:
        """T1 → 総務委員会資料（令和4年1月27日）8 (2) 成果指標（KPI）; several joined by ・; anything else as it is."""
        known = [self.titles[code] for code in source.split("・") if code in self.titles]
        if not known:
            return source
        documents = dict.fromkeys(document for document, _title in known)
        return "、".join(
            document + "・".join(title for of, title in known if of == document) for document in documents
        )
