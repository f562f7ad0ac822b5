"""Workbooks for officials: 様式 sheets to read and print, データ sheets for machines, in one file.

Pure: values in, bytes out. The same values give the same bytes, because every time in the file comes from the
day that the caller names. A cell is a value with a kind; how a kind looks is decided here, once.
"""

from iconm_portal.display.sheets.book import Book
from iconm_portal.display.sheets.data import csv_bytes, csv_lines
from iconm_portal.display.sheets.model import (
    DATA_PREFIX,
    LONG_FORM_COLUMNS,
    NOT_APPLICABLE,
    CellCheck,
    ChartSeries,
    Column,
    DataSheet,
    FormCell,
    FormChart,
    FormSheet,
    LongRow,
    long_form,
)
from iconm_portal.display.sheets.styles import line_count, text_width
from iconm_portal.display.sheets.values import CellValue, clean_text, exact_number, number_format

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
    "clean_text",
    "csv_bytes",
    "csv_lines",
    "exact_number",
    "line_count",
    "long_form",
    "number_format",
    "text_width",
]
