"""Workbooks for officials: 様式 sheets to read and print, データ sheets for machines, in one file.

Pure: values in, bytes out. The same values give the same bytes, because every time in the file comes from the
day that the caller names. A cell is a value with a kind; how a kind looks is decided here, once.
"""

from iconm_portal.display.sheets.book import Book
from iconm_portal.display.sheets.columns import csv_rows, data_sheet, fitted, form_sheet, keyed
from iconm_portal.display.sheets.data import csv_bytes, csv_lines, csv_unquoted
from iconm_portal.display.sheets.long_form import LONG_FORM_COLUMNS, LongRow, is_long_form, long_form
from iconm_portal.display.sheets.model import (
    DATA_PREFIX,
    NOT_APPLICABLE,
    CellCheck,
    ChartSeries,
    Column,
    DataSheet,
    FormCell,
    FormChart,
    FormSheet,
    PageCell,
)
from iconm_portal.display.sheets.styles import line_count, text_width
from iconm_portal.display.sheets.values import CellValue, axis_format, clean_text, exact_number, number_format

__all__ = [
    "DATA_PREFIX",
    "LONG_FORM_COLUMNS",
    "NOT_APPLICABLE",
    "Book",
    "CellCheck",
    "CellValue",
    "ChartSeries",
    "Column",
    "DataSheet",
    "FormCell",
    "FormChart",
    "FormSheet",
    "LongRow",
    "PageCell",
    "axis_format",
    "clean_text",
    "csv_bytes",
    "csv_lines",
    "csv_rows",
    "csv_unquoted",
    "data_sheet",
    "exact_number",
    "fitted",
    "form_sheet",
    "is_long_form",
    "keyed",
    "line_count",
    "long_form",
    "number_format",
    "text_width",
]
