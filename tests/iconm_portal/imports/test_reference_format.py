"""Every file of facts is plain, the report's and the demonstration's: UTF-8 without a mark, one kind of line end, no cell missing or padded."""

import csv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = sorted({*ROOT.glob("*/**/reference/*.csv"), *ROOT.glob("*/loading/demonstration/*.csv")})


def test_every_app_has_reference_files() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for path in FILES}
    assert folders >= {
        "agreements/reference",
        "finance/reference",
        "kpi/reference",
        "kpi/loading/demonstration",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_plain(path: Path) -> None:
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            assert None not in row
            assert None not in row.values()
            assert all(value == value.strip() for value in row.values())
