"""The plan's table is described once: one column more in T1 is on the sheet and the page, and in all that machines read."""

import datetime
import io
import json

import pytest
from django.core.cache import cache
from django.test import Client
from openpyxl import load_workbook

from iconm_portal.display.sheets import LONG_FORM_COLUMNS, Column
from iconm_portal.models import Center, User
from kpi.models import Plan
from kpi.papers.open_data import all_centers
from kpi.plans import scorecard
from kpi.plans.tables import columns
from tests.builders.plans import PATENTS, TRIALS, make_plan, tokyo
from tests.people import LogIn
from tests.readers import pack_reading as reading

pytestmark = pytest.mark.django_db
DAY = datetime.date(2024, 5, 1)
MEASURED: Column[columns.PlanTableLine] = Column(
    key="measured",
    heading="測定方法",
    width=30,
    value=lambda line: f"{line.indicator.name}の数え方",
    label="How it is measured",
)
ONLY_ON_PAPER = {
    "目標": "goals stand above their rows on the page, and the code list has them with the items",
    "指標の意義": "below the indicator's name on the page; in no data",
    "指標": "heads the row on the page, with its link and badges; item_name in the data",
}


@pytest.fixture
def plan(center: Center, time_machine) -> Plan:
    time_machine.move_to(tokyo(DAY))
    cache.clear()
    return make_plan(center, indicators=[TRIALS, PATENTS], targets={"trials": 10})


@pytest.fixture
def one_more(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column more in T1."""
    before = columns.text_columns
    monkeypatch.setattr(columns, "text_columns", lambda plan: [*before(plan), MEASURED])


@pytest.fixture
def client(log_in: LogIn, city_staff: User) -> Client:
    client = log_in(city_staff)
    client.cookies["django_language"] = "en"
    return client


def test_every_text_of_t1_is_on_sheet_and_page_and_in_the_data(center: Center, plan: Plan) -> None:
    """A column that says less needs a reason here."""
    card = scorecard.load(center, known_at=DAY).plan("research")
    for column in columns.text_columns(card):
        if column.heading not in ONLY_ON_PAPER | {card.goal_heading or "目標": ""}:
            missing = [part for part in ("key", "heading", "width", "label") if not getattr(column, part)]
            assert not missing, column.heading


@pytest.mark.usefixtures("one_more")
def test_the_sheet_prints_it_before_the_figures(client: Client) -> None:
    answer = client.get("/lab/packs/committee.xlsx", {"as_of": "R6.5.1"})
    book = load_workbook(io.BytesIO(answer.content))
    rows = reading.sheet_rows(book, "成果指標（KPI）")
    heading = next(row for row in rows if "測定方法" in row)
    assert heading.index("測定方法") == heading.index("指標") + 1
    assert any("治験の実施件数の数え方" in row for row in rows)
    assert [row["measured"] for row in reading.table(book, "データ_成果指標")] == [
        "治験の実施件数の数え方"
    ] * 4
    assert ["measured", "測定方法"] in [row[:2] for row in reading.sheet_rows(book, "コード・定義")]
    assert "測定方法" not in str(reading.sheet_rows(book, "KPI達成状況")), "T3 prints no such column"


@pytest.mark.usefixtures("one_more")
def test_the_page_shows_it_under_its_own_name(client: Client) -> None:
    page = client.get("/lab/kpi/research/").content.decode()
    assert '<th scope="col" rowspan="2">How it is measured</th>' in page
    assert '<td data-label="How it is measured"><span lang="ja">治験の実施件数の数え方</span></td>' in page


@pytest.mark.usefixtures("one_more")
def test_csv_json_and_the_workbook_of_all_centers_hold_it(center: Center, client: Client) -> None:
    (first, *_others) = reading.as_csv(client.get("/lab/data/kpi-targets.csv").content)
    assert first["measured"] == "治験の実施件数の数え方"
    document = json.loads(client.get("/lab/data/kpi-targets.json").content)
    assert document["columns"][-2:] == [
        {"key": "measured", "kind": "text"},
        {"key": "comparator", "kind": "text"},
    ]
    assert document["rows"][0]["measured"] == first["measured"]
    file = io.BytesIO()
    all_centers.write([center], file, as_of=DAY, progress=lambda _done, _all: None)
    (row, *_others) = reading.table(load_workbook(file), "データ_成果指標")
    assert row["measured"] == first["measured"]


@pytest.mark.usefixtures("one_more")
def test_what_is_open_to_everybody_stays_the_figures(client: Client) -> None:
    client.post("/lab/data/switch/", {"is_open": "yes", "version": 0})
    answer = Client().get("/open/lab/kpi-targets.csv")
    assert answer.status_code == 200
    (first, *_others) = reading.as_csv(answer.content)
    assert list(first) == [column.key for column in LONG_FORM_COLUMNS]
