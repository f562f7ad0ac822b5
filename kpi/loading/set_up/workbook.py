"""設定一式の様式: the set-up workbook, blank or with what a center has. In Japanese, as every paper of the portal is.

Below the title each sheet bears the version and the center, above the columns' headings; what stands below the headings in
small letters (※) is for whoever fills it in, and no row.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils import translation
from openpyxl.utils import get_column_letter

from iconm_portal.display.sheets.book import Book
from iconm_portal.display.sheets.model import CellCheck, FormCell, FormSheet
from iconm_portal.display.sheets.values import CellValue
from iconm_portal.imports.cell_values import Day, Number
from iconm_portal.models import Center
from kpi.loading.set_up.cells import Year
from kpi.loading.set_up.export import Exported
from kpi.loading.set_up.folders import VERSION
from kpi.loading.set_up.sheets import Sheet, SheetColumn, sheets

MARK: Final = "設定一式 第%(version)s版　センター：%(center)s"
NOTE: Final = "※"
COVER: Final = "はじめに"
_FIRST_ROW: Final = 5  # title, mark, headings, notes
_BLANK_ROWS: Final = 40
_LONGEST_LIST: Final = 240
_GUIDE: Final = (
    "薄い黄色の欄に記入する。書かない表は空欄のままでよい。列の順は変えてもよく、見出しの文字は変えない。",
    "行と行は「コード」で結ばれる。コードは半角の英小文字・数字・ハイフンで、後から変えられない。",
    "年度は「R5」「令和5年度」「2023」、日付は「R5.3.31」「2023-03-31」のように書く。",
    "金額と数値は、隣の「単位」の欄の単位で書く。",
    "実績・決算・目標・締結・負担金の額は、両者の間ですでに確定したものだけを書く。「受理・公表日」は、両者がそれを知った日。",
    "「出典」が空欄の行は、アップロードの画面に書く資料の名称と日付が出典になる。",
    "アップロードすると全体が確かめられ、誤りがあればシートとセルの番号で示される。誤りが1つでもあれば何も登録されない。",
    "誤りがなければ内容を見てから相手方に確認を求める。相手方が確認したときに、全部が一度に登録される。",
    "すでにある行と同じ行は何も変えない。違う行は、違いが示されるだけで、登録済みの内容は変わらない。",
)


def write(center: Center, tables: Sequence[Exported], today: date) -> bytes:
    """The workbook with the rows of these tables, which may be none."""
    rows = {one.table.file: one.rows for one in tables}
    with translation.override("ja"):
        book = Book(title=f"{center.short_name} 設定一式", created=today)
        book.form_sheet(_cover(center))
        lengths = {sheet.file: len(rows.get(sheet.file, ())) + _BLANK_ROWS for sheet in sheets()}
        for sheet in sheets():
            book.form_sheet(_form(sheet, center, rows.get(sheet.file, ()), lengths))
        return book.to_bytes()


def mark(center: Center) -> str:
    """What every sheet bears."""
    return MARK % {"version": VERSION, "center": center.code}


def _cover(center: Center) -> FormSheet:
    return FormSheet(
        name=COVER,
        title=f"{center.name}　設定一式",
        subtitle=mark(center),
        widths=(4, 100),
        heading=[[FormCell("", "heading"), FormCell("書き方", "heading")]],
        body=[[FormCell(number, "number"), FormCell(text)] for number, text in enumerate(_GUIDE, 1)],
        landscape=False,
    )


def _form(
    sheet: Sheet, center: Center, rows: Sequence[Mapping[str, str]], lengths: Mapping[str, int]
) -> FormSheet:
    checks = [_check(column, lengths) for column in sheet.columns]
    blank = [FormCell(None, "input", check=check) for check in checks]
    return FormSheet(
        name=sheet.title,
        title=f"{center.short_name}　{sheet.title}",
        subtitle=mark(center),
        widths=[_width(column) for column in sheet.columns],
        heading=[
            [FormCell(column.label, "heading") for column in sheet.columns],
            [
                FormCell(f"{NOTE} {_note(column)}".strip(), "heading", align="left")
                for column in sheet.columns
            ],
        ],
        body=[
            *(
                [
                    _cell(column, row[column.key], check)
                    for column, check in zip(sheet.columns, checks, strict=True)
                ]
                for row in rows
            ),
            *([blank] * _BLANK_ROWS),
        ],
        freeze_columns=2,
    )


def _note(column: SheetColumn) -> str:
    return "　".join(filter(None, ("必須" if column.is_required else "", column.note)))


def _width(column: SheetColumn) -> float:
    if column.key in ("summary", "text", "title", "conditions", "name", "legal_basis"):
        return 40
    return 22 if column.choices or column.refers_to or column.key in ("source", "label", "note") else 14


def _cell(column: SheetColumn, text: str, check: CellCheck | None) -> FormCell:
    value: CellValue = column.choices.get(text, text) or None
    match column.parse:
        case Day() if text:
            return FormCell(date.fromisoformat(text), "input", "yyyy/m/d", check=check)
        case Year() if text:
            value = int(text)
        case Number() if text:
            value = _number(text)
    return FormCell(value, "input", check=check)


def _number(text: str) -> CellValue:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _check(column: SheetColumn, lengths: Mapping[str, int]) -> CellCheck | None:
    words = tuple(column.choices.values())
    if words and len(",".join(words)) <= _LONGEST_LIST and not any("," in word for word in words):
        return CellCheck("list", "一覧から選んでください。", words)
    if column.refers_to:
        named = next(sheet for sheet in sheets() if sheet.file == column.refers_to)
        place = [one.key for one in named.columns].index("code") + 1
        letter, last = get_column_letter(place), _FIRST_ROW + lengths[named.file] - 1
        cells = f"'{named.title}'!${letter}${_FIRST_ROW}:${letter}${last}"
        return CellCheck("list", f"「{named.title}」のコードから選んでください。", choices_from=cells)
    return None
