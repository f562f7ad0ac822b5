"""A span of one year is that year: R1, never R1〜R1."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from iconm_portal.display import template_tags
from iconm_portal.values.fiscal import FiscalYear, span_of_years

ROOT = Path(settings.BASE_DIR)
ONE = FiscalYear(2019)


@pytest.mark.parametrize(
    ("language", "one", "two", "is_open"),
    [("ja", "R1", "R1〜R2", "R1〜"), ("en", "FY2019", "FY2019–FY2020", "FY2019–")],
)
def test_one_year_stands_by_itself(language: str, one: str, two: str, is_open: str) -> None:
    with translation.override(language):
        assert template_tags.fiscal_years_short(ONE, ONE) == one
        assert template_tags.fiscal_years_short(ONE, ONE.next) == two
        assert template_tags.fiscal_years_short(ONE, None) == is_open


def test_sheets_likewise() -> None:
    assert (span_of_years("R1", "R1"), span_of_years("R1", "R2")) == ("R1", "R1〜R2")


def test_nobody_joins_two_years_otherwise() -> None:
    """What joins a first and a last year asks one of the two functions."""
    joined = re.compile(r"(first|year)[^\n]{0,40}\}\}?[〜～–]\{")
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for folder in ("iconm_portal", "agreements", "finance", "kpi", "templates")
        for file in sorted((ROOT / folder).rglob("*.*"))
        if file.suffix in {".py", ".html"} and "migrations" not in file.parts
        for line in file.read_text().splitlines()
        if joined.search(line) and "first == last" not in line and "{first}〜{last}" not in line
    ]
    lines_of_a_text = {"_lines.html", "_tree.html"}  # these ask whether the two are the same
    assert [place for place in found if Path(place.partition(":")[0]).name not in lines_of_a_text] == []
