"""The report's nine tables, figure for figure, in everything that a pack gives out: sheet, page, CSV and JSON.

Typed from the report's pages and not from the reference files. T1 and T3 in the sheet are compared in `test_pack`, T2 in
`test_balance_sheet`, by transcriptions that are used here again.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import transaction
from openpyxl.workbook import Workbook

from iconm_portal.models import Center, Role
from kpi.loading import reference
from kpi.papers import pack
from kpi.papers.open_data.open_data import TABLES
from tests.builders.packs import make_pack
from tests.builders.plans import tokyo
from tests.kpi.loading.test_initiative_reference import PILLARS, T5, T7
from tests.kpi.papers.test_pack import T1, T3
from tests.kpi.papers.test_pack import table as typed
from tests.loaded import load_once
from tests.people import client_of, make_person
from tests.readers import pack_reading as reading
from tests.readers import t2
from tests.readers.pack_reading import Record, Rows

pytestmark = pytest.mark.django_db  # so that there is a database at all
PUBLISHED, AFTER = date(2022, 1, 27), date(2022, 4, 30)

# 8 (1): year of the goal, a word that it must have, year in which it was set
T4 = [
    (2045, "体内病院", 2019),
    (2028, "診断機器", 2019),
    (2028, "キングスカイフロント", 2019),
    (2028, "ベンチャー企業", 2019),
]
# 設立・経緯: month, what it must name
T6 = [
    ("平成25年2月", ("40億円", "20億円")),
    ("平成25年3月", ("25億円", "10億円", "UR")),
    ("平成25年10月", ("COI STREAM", "COINS")),
    ("平成27年2月", ("基本協定",)),
    ("平成27年4月", ("iCONM",)),
    ("平成31年3月", ("研究支援事業",)),
    ("令和4年3月", ("COI STREAM",)),
]
# 基本協定に基づく支援 and 研究促進負担金, in 千円: code, stage or total, first calendar year of the fiscal year
T8 = {
    ("startup-contribution", "period_total", 2021): 900_000,
    ("startup-contribution", "settled", 2015): 250_000,
    ("startup-contribution", "settled", 2016): 220_000,
    ("startup-contribution", "settled", 2017): 160_000,
    ("startup-contribution", "settled", 2018): 130_000,
    ("startup-contribution", "settled", 2019): 80_000,
    ("startup-contribution", "settled", 2020): 50_000,
    ("construction-loan", "period_total", 2021): 1_000_000,
    ("promotion-r1", "settled", 2019): 100_000,
    ("promotion-r1", "settled", 2020): 110_000,
    ("promotion-r1", "budget", 2021): 110_000,
}
# 参考資料2 and 3: the articles' headings, and how many paragraphs and items each has where it is more than one and none
BASIC = """目的 センターの位置付け 運営の基本方針 甲の役割 乙の役割 研究支援事業 事業計画 事業実施計画 事業報告書 業務の報告
センター用地 協定発効及び解約 協定の見直し その他""".split()
SUPPORT = """目的 研究支援事業の定義 目標設定及び事業成果の検証 事業の実施体制 経費負担 事業実施計画及び年度協定 事業報告書
協定の発効及び解約 協定の見直し その他""".split()
PARAGRAPHS = {
    "basic-r4": {"art6": 2, "art8": 2, "art11": 4, "art12": 2},
    "support-r4": {"art4": 2, "art6": 2, "art7": 2, "art8": 3},
}
ITEMS = {"basic-r4": {"art2": 2, "art3": 2, "art4": 5, "art5": 7}, "support-r4": {"art2": 6}}
CITY, FOUNDATION = "川崎市", "公益財団法人川崎市産業振興財団"


@dataclass(frozen=True)
class Given:
    """What a pack of the report's day gives out; `later` is the workbook of a later day."""

    data: bytes
    book: Workbook
    later: Workbook
    page: dict[str, Rows]
    csv: dict[str, list[Record]]
    json: dict[str, list[Record]]

    def rows(self, name: str) -> Rows:
        """The table's lines, the same in workbook and page."""
        rows = self.page[name]
        assert rows == [row for row in reading.sheet_rows(self.book, name) if row in rows]
        return rows

    def table(self, code: str, name: str) -> list[Record]:
        """A データ table's rows, the same in workbook, CSV and JSON."""
        rows = reading.table(self.book, name)
        texts = [{key: reading.as_text(value) for key, value in row.items()} for row in rows]
        assert self.csv[code] == texts
        dated = [
            {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}
            for row in rows
        ]
        assert self.json[code] == dated
        return rows


@pytest.fixture(scope="module")
def given(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Given:
    """The reference is loaded, and everything read, once for the whole module."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        load_once("reference", reference.load)
        found = _given(Center.objects.get(code="iconm"))
        transaction.set_rollback(True)
    return found


def _given(center: Center) -> Given:
    staff = make_person("city-staff", center.supporter, Role.STAFF)
    made = make_pack(center, by=staff, as_of=PUBLISHED, at=tokyo(PUBLISHED))
    client = client_of(staff)

    def got(address: str) -> bytes:
        response = client.get(f"/iconm/{address}", {"known_at": "R4.1.27"})
        assert response.status_code == 200, address
        return b"".join(response) if response.streaming else response.content

    data = got(f"packs/{made.number}/workbook.xlsx")
    book = reading.opened(data)
    codes = [table.code for table in TABLES if table.sheet in book.sheetnames]
    return Given(
        data=data,
        book=book,
        later=reading.opened(pack.contents(center, as_of=AFTER).to_bytes()),
        page=reading.page_rows(got(f"packs/{made.number}/").decode()),
        csv={code: reading.as_csv(got(f"data/{code}.csv")) for code in codes},
        json={code: reading.as_json(got(f"data/{code}.json")) for code in codes},
    )


def body(rows: Rows, first: str) -> Rows:
    """From the line on that begins with the text."""
    return rows[next(place for place, row in enumerate(rows) if row[0] == first) :]


def test_two_readers_find_the_same_in_every_sheet(given: Given) -> None:
    for name in given.book.sheetnames:
        assert reading.raw_rows_by_calamine(given.data, name) == reading.raw_rows(given.book, name), name


def test_the_page_shows_every_printed_sheet_and_no_other(given: Given) -> None:
    printed = [name for name in given.book.sheetnames if not name.startswith("データ_")]
    assert sorted(given.page) == sorted(printed)
    for name in printed:
        assert given.rows(name)


def test_every_table_is_the_same_in_sheet_csv_and_json(given: Given) -> None:
    tables = {table.sheet: table.code for table in TABLES}
    names = [name for name in given.book.sheetnames if name.startswith("データ_")]
    assert len(names) == len(given.csv) > 10
    for name in names:
        assert given.table(tables[name], name)


@pytest.mark.parametrize(
    ("name", "transcription", "first"),
    [("成果指標（KPI）", T1, "革新的医薬品等の上市"), ("KPI達成状況", T3, "革新的医薬品等の上市")],
)
def test_t1_and_t3(given: Given, name: str, transcription: str, first: str) -> None:
    expected = [[text for text in line if text] for line in typed(transcription)]
    assert body(given.rows(name), first) == expected


def test_t2(given: Given) -> None:
    lines = body(given.rows("収支状況"), "入居率")
    found = [[row[-7].removeprefix("　"), *row[-6:]] for row in lines]
    assert found == t2.printed()
    held = {
        (row["item_code"], row["fiscal_year"]): row["value"] for row in given.table("balance", "データ_収支")
    }
    assert held == t2.thousands()


def test_t4(given: Given) -> None:
    rows = given.table("direct-goals", "データ_直接目標")
    assert [(row["fiscal_year"], row["set_in"]) for row in rows] == [(year, set_in) for year, _, set_in in T4]
    for row, (_year, word, _set_in) in zip(rows, T4, strict=True):
        assert word in row["item_name"]
        assert not row["item_name"].endswith("。"), "in words of ours, not the report's sentence"
    lines = given.rows("直接目標（KGI）")[1:]
    assert [line[0] for line in lines] == ["令和27年度", "令和10年度", "令和10年度", "令和10年度"]
    assert {line[-1] for line in lines} == {"令和元年度"}


def test_t5(given: Given) -> None:
    served: dict[str, list[str]] = {}
    for row in given.table("initiative-goals", "データ_取組の目標"):
        served.setdefault(row["category_code"], []).append(row["goal"])
    names, lines = {}, Counter[str]()
    for row in given.table("initiatives", "データ_取組"):
        if row["scheme_code"] == "main-r4":
            names[row["category_code"]] = row["category_name"]
            lines[row["category_code"]] += 1
    assert [(names[code], lines[code], tuple(served[code])) for code in names] == T5
    head, *rows = given.rows("主な取組")
    assert head == ["主な取組項目", "取組内容", "獲得を目指す成果"]
    assert [(row[0], row[2]) for row in rows if len(row) == 3] == [
        (name, "\n".join(goals)) for name, _count, goals in T5
    ]


def test_the_three_pillars(given: Given) -> None:
    rows = [row for row in given.table("initiatives", "データ_取組") if row["scheme_code"] == "pillars-r4"]
    for name, count, new in PILLARS:
        of = [row for row in rows if row["category_name"] == name]
        assert (len(of), sum(row["is_new"] == "1" for row in of)) == (count, new)
    assert sum(row[-1].endswith("【新規】") for row in given.rows("主な取組2")) == 2


def split_note(lines: list[list[str]]) -> tuple[list[list[str]], str]:
    """The rows without the note under them."""
    return [line for line in lines if not line[0].startswith("※")], lines[-1][0]


def test_t6(given: Given) -> None:
    known, _note = split_note(given.rows("経緯")[1:])
    assert [row[0] for row in known] == [month for month, _words in T6[:-1]], "R4.3 had not come yet"
    all_seven, note = split_note(body(reading.sheet_rows(given.later, "経緯"), T6[0][0]))
    assert note == "※ （要旨）は当ポータルの要約であり、正式な文言ではない。"
    assert [row[0] for row in all_seven] == [month for month, _words in T6]
    for (_month, text), (_when, words) in zip(all_seven, T6, strict=True):
        assert all(word in text for word in words)
    assert [row["date"] for row in given.table("chronology", "データ_経緯")][:2] == ["2013-02", "2013-03"]


def test_t7(given: Given) -> None:
    rows = given.rows("研究支援事業一覧")[1:]
    assert [(row[0], row[1]) for row in rows] == T7
    assert [row[0] for row in rows if len(row) == 2] == ["IV"], "the one without a content of its own"
    table = given.table("support-work", "データ_研究支援事業")
    assert [(row["category_mark"], row["category_name"]) for row in table] == T7


def test_t8(given: Given) -> None:
    rows = given.table("support", "データ_支援措置")
    amounts = [row for row in rows if row["value"] is not None]
    assert {(row["item_code"], row["status"], row["fiscal_year"]): row["value"] for row in amounts} == T8
    assert {row["unit"] for row in amounts} == {"千円"}
    assert [(row["item_code"], row["status"]) for row in rows if row["value"] is None] == [
        ("promotion-r4", "draft"),
        ("free-land-r4", "draft"),
    ]
    lines = given.rows("支援措置と負担金")
    text = "\n".join("\t".join(line) for line in lines)
    assert "7年間の総額 9億円" in text
    assert "貸付額 10億円" in text
    assert ["計", "890,000", "上限内。R3は資料に記載なし"] in lines
    assert ["令和2年度", "50,000"] in lines
    assert ["令和3年度", "資料に記載なし"] in lines, "R3's amount is not printed, and nothing is made of it"
    assert any("R4〜R33" in line for line in lines), "30 years of free land"


def test_t9_parties_and_terms(given: Given) -> None:
    of = {row["agreement_code"]: row for row in given.table("agreements", "データ_協定")}
    for code in ("basic-r4", "support-r4"):
        assert (of[code]["supporter"], of[code]["operator"]) == (CITY, FOUNDATION)
        assert (of[code]["starts_on"], of[code]["ends_on"]) == (date(2022, 4, 1), None), "neither has an end"
        assert (of[code]["state"], of[code]["concluded_on"]) == ("draft", None)
    assert of["support-r4"]["review_on"] == date(2026, 3, 31)
    assert (of["land-r4"]["starts_on"], of["land-r4"]["ends_on"]) == (date(2022, 4, 1), date(2052, 3, 31))
    assert (of["basic-h27"]["starts_on"], of["basic-h27"]["ends_on"]) == (date(2015, 2, 1), date(2022, 3, 31))
    assert (of["support-h31"]["starts_on"], of["support-h31"]["ends_on"]) == (
        date(2019, 4, 1),
        date(2022, 3, 31),
    )
    terms = [text for row in given.rows("協定の概要") for text in row if text.startswith("甲　")]
    assert [("終期の定めなし" in text, "見直し　R8.3.31" in text) for text in terms] == [
        (True, False),
        (True, True),
    ]


@pytest.mark.parametrize(("agreement", "headings"), [("basic-r4", BASIC), ("support-r4", SUPPORT)])
def test_t9_articles_paragraphs_and_items(given: Given, agreement: str, headings: list[str]) -> None:
    rows = [row for row in given.table("provisions", "データ_協定条項") if row["agreement_code"] == agreement]
    kinds = {row["provision_key"]: row["kind"] for row in rows}
    articles = {row["provision_name"]: row["heading"] for row in rows if row["kind"] == "article"}
    assert articles == {f"第{number}条": heading for number, heading in enumerate(headings, 1)}
    paragraphs, items = (
        Counter(key.split("/")[0] for key, kind in kinds.items() if kind == wanted)
        for wanted in ("paragraph", "item")
    )
    assert {article: count for article, count in paragraphs.items() if count > 1} == PARAGRAPHS[agreement]
    assert items == ITEMS[agreement]
    assert sum(kind == "subitem" for kind in kinds.values()) == (4 if agreement == "support-r4" else 0)


def test_t9_deadlines(given: Given) -> None:
    due = {
        row["provision_key"]: row["due"]
        for row in given.table("provisions", "データ_協定条項")
        if row["agreement_code"] == "basic-r4" and row["due"] and "月" in row["due"]
    }
    assert due == {"art8/par2": "前年度の8月31日まで", "art9": "翌年度の5月31日まで"}
    review = [row for row in given.table("provisions", "データ_協定条項") if row["due"] == "R8.3.31"]
    assert [(row["agreement_code"], row["provision_key"]) for row in review] == [("support-r4", "art8/par2")]
