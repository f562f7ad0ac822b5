"""Reading the reference report's tables as data files, and saying what a load did.

A row of a file is identified by its natural codes. An identical row is skipped, a differing one reported, none is
ever overwritten: what has been corrected in the portal stays.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a UTF-8 CSV file by heading."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@dataclass
class LoadResult:
    """What a load did: added, skipped as identical, and left alone although it differs."""

    added: int = 0
    identical: int = 0
    differing: list[str] = field(default_factory=list)

    def add_or_compare(
        self, model: type[Row], key: dict[str, Any], facts: dict[str, Any]
    ) -> tuple[Row, bool]:
        """The stored row for the key and whether it was added now; a stored row that differs is only reported."""
        stored = model._default_manager.filter(**key).first()
        if stored is None:
            row = model(**key, **facts)
            row.full_clean()
            row.save()
            self.added += 1
            return row, True
        self.compare(stored, key, facts)
        return stored, False

    def compare(self, stored: models.Model, key: dict[str, Any], facts: dict[str, Any]) -> None:
        """Count the stored row as identical, or note in which facts it differs from the file."""
        differences = [
            f"{name}: {getattr(stored, name)!s} ≠ {fact!s}"
            for name, fact in facts.items()
            if getattr(stored, name) != fact
        ]
        if differences:
            place = "/".join(str(part) for part in key.values())
            self.differing.append(f"{stored._meta.label} {place}: {'; '.join(differences)}")
        else:
            self.identical += 1
