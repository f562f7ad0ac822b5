"""The preview shows of a 様式 sheet what the workbook prints."""

import json
from decimal import Decimal

import pytest

from iconm_portal.display.sheets import FormCell, FormSheet, number_format
from iconm_portal.display.sheets.preview import from_plain, shown, shown_text, to_plain


@pytest.mark.parametrize(
    ("value", "format_", "text"),
    [
        (438802, number_format("千円"), "438,802千円"),
        (-23_477_000, number_format(thousands=1), "▲23,477"),
        (-23_477_000, number_format(thousands=1, negative="△"), "△23,477"),
        (Decimal("24.3"), number_format("%", 1), "24.3%"),
        (28, number_format("%", suffix="以上"), "28%以上"),
        (1_500, number_format(thousands=1), "2"),
        (0, number_format("件"), "0件"),
        (1_000, '"約"' + number_format("件"), "約1,000件"),
        (Decimal("1234.5"), "General", "1,234.5"),
        (None, "General", ""),
        ("－", "General", "－"),
        (3, number_format('"件"'), '3"件"'),
    ],
)
def test_a_cell_reads_as_its_format_prints_it(value: object, format_: str, text: str) -> None:
    assert shown_text(FormCell(value, "number", format_)) == text  # type: ignore[arg-type]


def test_a_sheet_keeps_its_blocks_and_line_breaks() -> None:
    form = FormSheet(
        name="表",
        title="題",
        widths=[10, 10],
        heading=[[FormCell("年度", "heading", colspan=2)]],
        body=[[FormCell("甲\n乙", "label", rowspan=2), FormCell(1, "number")], [FormCell(None, "blank")]],
    )
    seen = shown(form)
    assert seen.heading[0][0].colspan == 2
    assert seen.body[0][0].lines == ("甲", "乙")
    assert seen.body[0][0].is_header
    assert seen.body[0][1].align == "right"
    assert seen.body[1][0].lines == ("",)
    assert from_plain(json.loads(json.dumps(to_plain(seen)))) == seen
