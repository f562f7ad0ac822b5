"""The rules for machine-readable tables, read from the written file: データ sheets are plain, and typed texts stay texts."""

import io
import json
import re
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

import pytest
from openpyxl.workbook import Workbook
from time_machine import TimeMachineFixture

from finance.models import Stage
from finance.statements import actions as statement_actions
from finance.statements.draft_actions import Content
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import PackState
from kpi.papers import actions, pack
from kpi.papers.actions import Particulars
from kpi.papers.sections import SECTIONS
from kpi.register import actions as register_actions
from kpi.register.actions import Facts
from kpi.value_sources.entry_values import Entered
from tests.builders import finance
from tests.builders.plans import make_accepted_report, make_plan, tokyo
from tests.builders.records import make_basis, make_category
from tests.people import LogIn
from tests.readers import pack_reading as reading

pytestmark = pytest.mark.django_db
DAY = date(2023, 6, 1)
# What a spreadsheet would take for a formula, an error or a number if it were allowed to.
TEXTS = ["=1+1", "+81-44", "-5", "@SUM(A1)", "#N/A", "'000123", "＝1+1", "000123", "1e5", "2022-01-27"]
NUMBER = re.compile(r"[-+]?[\d,]+(?:\.\d+)?")
# Codes and yes-or-no marks look like numbers and are none; neither is a date that is known to the year only.
CODES = {
    "category_mark",
    "is_new",
    "is_summary",
    "is_period_total",
    "is_level",
    "is_approximate",
    "people_are_approximate",
    "date",
    "happened",
    "concluded_on",
}


def check_rules(data: bytes) -> Workbook:
    book = reading.opened(data)
    with ZipFile(io.BytesIO(data)) as file:
        parts = {name: file.read(name).decode() for name in file.namelist() if name.endswith(".xml")}
    sheets = {name: text for name, text in parts.items() if name.startswith("xl/worksheets/sheet")}
    assert len(sheets) == len(book.sheetnames)
    assert not [name for name, text in sheets.items() if re.search(r"<f[ >]|t=\"(?:e|str)\"", text)], (
        "formulas"
    )
    assert not [name for name in parts if "externalLink" in name or "macro" in name.lower()]
    for number, sheet in enumerate(book.worksheets, 1):
        assert sheet.sheet_state == "visible"
        if not sheet.title.startswith("データ_"):
            continue
        written = sheets[f"xl/worksheets/sheet{number}.xml"]
        for forbidden in ("mergeCell", "hidden=", "<drawing", "<legacyDrawing", "<picture", "<tableParts"):
            assert forbidden not in written, (sheet.title, forbidden)
        head, *rows = sheet.iter_rows(values_only=True)
        assert all(isinstance(name, str) and name == name.strip() != "" for name in head), sheet.title
        assert len(set(head)) == len(head), sheet.title
        assert rows, sheet.title
        for row in rows:
            assert any(value is not None for value in row), "a row that says nothing"
            for name, value in zip(head, row, strict=True):
                looks_like_number = isinstance(value, str) and NUMBER.fullmatch(value)
                assert not looks_like_number or name in CODES, (sheet.title, name, value)
                assert not (isinstance(value, str) and value != value.strip()), (sheet.title, name, value)
    return book


def test_the_whole_pack_of_the_report(iconm: Center) -> None:
    check_rules(pack.contents(iconm, as_of=date(2022, 1, 27)).to_bytes())


@pytest.mark.usefixtures("demo", "autumn")
def test_the_whole_pack_of_the_fictional_center() -> None:
    center = Center.objects.get(code="midoridai")
    book = check_rules(pack.contents(center, as_of=date(2026, 11, 24)).to_bytes())
    names = {name for name in book.sheetnames if name.startswith("データ_")}
    assert len(names) >= 10, "it is there to show every kind of table"
    assert [kept.state for kept in center.packs.order_by("number")] == [PackState.FROZEN, PackState.DRAFT]


def test_whatever_a_typed_text_begins_with_it_stays_that_text(
    center: Center, foundation_staff: User, city_staff: User, log_in: LogIn, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(tokyo(DAY))
    _typed_everywhere(center, foundation_staff)
    values = {f"i{place}": Entered(value=Decimal(1), note=text) for place, text in enumerate(TEXTS)}
    plan = center.plans.get()
    make_accepted_report(plan, 2022, values, by=foundation_staff, reviewer=city_staff, at=tokyo(DAY))
    keys = [section.key for section in SECTIONS]
    comments = dict(zip(["targets", "achievement", "balance", "records"], TEXTS, strict=False))
    made = actions.start(
        center=center,
        particulars=Particulars(
            "=HYPERLINK(\"x\")", "@委員会", DAY, "+部", FiscalYear(2022), DAY,
            [(key, comments.get(key, "")) for key in keys],
        ),
        by=city_staff,
        at=tokyo(DAY),
    )  # fmt: skip
    client = log_in(city_staff)
    book = reading.opened(client.get(f"/lab/packs/{made.number}/workbook.xlsx").content)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    texts = {cell.value for cell in cells if cell.data_type == "s"}
    assert {*comments.values(), '=HYPERLINK("x")'} <= texts
    assert any("@委員会" in text and "+部" in text for text in texts)
    for code, name, column in (
        ("kpi-achievement", "データ_KPI達成状況", "note"),
        ("records", "データ_活動実績", "title"),
        ("balance", "データ_収支", "note"),
    ):
        in_sheet = [row[column] for row in reading.table(book, name)]
        assert [text for text in in_sheet if text in TEXTS] == TEXTS, name
        as_json = json.loads(client.get(f"/lab/data/{code}.json").content)["rows"]
        assert [row[column] for row in as_json if row[column] in TEXTS] == TEXTS
        as_csv = reading.as_csv(client.get(f"/lab/data/{code}.csv").content)
        written = [row[column] for row in as_csv]
        assert not [text for text in written if text[:1] in ("=", "+", "-", "@", "＝")]
        assert [text for text in written if text in TEXTS or text.removeprefix("'") in TEXTS] == [
            f"'{text}" if text[0] in "=+-@＝" else text for text in TEXTS
        ]


def _typed_everywhere(center: Center, foundation_staff: User) -> None:
    """As a record's title and a statement's note; all through the actions."""
    plan = make_plan(center, indicators=len(TEXTS))
    category = make_category(center)
    make_basis(plan.indicators.get(code="i0"), category)
    for place, text in enumerate(TEXTS):
        finance.make_account(center, code=f"a{place}", name=f"科目{place}")
        facts = Facts(text, happened=f"2023-03-{place + 1:02}")
        register_actions.add(
            category=category, facts=facts, by=foundation_staff, at=tokyo(DAY), is_another=True
        )
    amounts = {f"a{place}": 1_000 * place for place in range(len(TEXTS))}
    made = finance.make_statement(center, 2022, amounts, by=foundation_staff, stage=Stage.SETTLEMENT)
    notes = {f"a{place}": text for place, text in enumerate(TEXTS)}
    statement_actions.save_draft(
        statement=made,
        version=made.version,
        content=Content(lines=finance.entered(center, amounts, notes=notes)),
        by=foundation_staff,
        at=tokyo(DAY),
    )
    finance.submit(made, by=foundation_staff, at=tokyo(DAY))
    finance.accept(made, by=User.objects.get(username="city-staff"), at=tokyo(DAY))
