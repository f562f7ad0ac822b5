"""The agreements' reference files against the report, typed here a second time as it prints them."""

import csv
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from iconm_portal.standing import deeds
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.written.date_input import parse_date, parse_month

FOLDER = Path(__file__).parents[3] / "agreements" / "reference"

# 参考資料2: article, （見出し）, the numbers in it; a first paragraph bears none
BASIC = """
第1条|目的
第2条|センターの位置付け|(1)|(2)
第3条|運営の基本方針|(1)|(2)
第4条|甲の役割|(1)|(2)|(3)|(4)|(5)
第5条|乙の役割|(1)|(2)|(3)|(4)|(5)|(6)|(7)
第6条|研究支援事業|2
第7条|事業計画
第8条|事業実施計画|2
第9条|事業報告書
第10条|業務の報告
第11条|センター用地|2|3|4
第12条|協定発効及び解約|2
第13条|協定の見直し
第14条|その他
"""
# 参考資料3
SUPPORT = """
第1条|目的
第2条|研究支援事業の定義|(1)|(2)|(3)|(4)|ア|イ|ウ|エ|(5)|(6)
第3条|目標設定及び事業成果の検証
第4条|事業の実施体制|2
第5条|経費負担
第6条|事業実施計画及び年度協定|2
第7条|事業報告書|2
第8条|協定の発効及び解約|2|3
第9条|協定の見直し
第10条|その他
"""
# これまでの収支状況, 千円
STARTUP = "250,000 220,000 160,000 130,000 80,000 50,000"
PROMOTION = "100,000 110,000"
# 設立・経緯
MONTHS = "H25.2 H25.3 H25.10 H27.2 H27.4 H31.3 R4.3"

FILES = sorted(path.name for path in FOLDER.glob("*.csv"))


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def by_code(name: str) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows(name)}


def yen(value: str, scale: str) -> int:
    amount = Decimal(value) * int(scale)
    assert amount == int(amount)
    return int(amount)


# --- agreements ----------------------------------------------------------------------------------
def test_from_when_until_when():
    assert {code: (row["starts_on"], row["ends_on"]) for code, row in by_code("agreements.csv").items()} == {
        "basic-h27": (day("平成27年2月1日"), day("令和4年3月31日")),
        "support-h31": (day("平成31年4月1日"), day("令和4年3月31日")),
        "basic-r4": (day("令和4年4月1日"), ""),
        "support-r4": (day("令和4年4月1日"), ""),
        "land-r4": (day("令和4年4月1日"), day("令和34年3月31日")),
    }


def day(printed: str) -> str:
    return parse_date(printed).isoformat()


def test_the_review_is_not_an_end():
    reviews = {row["code"]: row["review_on"] for row in rows("agreements.csv") if row["review_on"]}
    assert reviews == {"support-r4": day("令和8年3月31日")}


def test_what_stands_under_and_replaces_what():
    assert {code: (row["parent"], row["replaces"]) for code, row in by_code("agreements.csv").items()} == {
        "basic-h27": ("", ""),
        "support-h31": ("basic-h27", ""),
        "basic-r4": ("", "basic-h27"),
        "support-r4": ("basic-r4", "support-h31"),
        "land-r4": ("basic-r4", ""),
    }


def test_kinds_and_the_legal_basis_of_the_free_land():
    assert {code: row["kind"] for code, row in by_code("agreements.csv").items()} == {
        "basic-h27": "basic",
        "support-h31": "research_support",
        "basic-r4": "basic",
        "support-r4": "research_support",
        "land-r4": "land_loan",
    }
    bases = {row["legal_basis"] for row in rows("agreements.csv")} - {""}
    assert bases == {"市財産条例第6条第1項第3号・市財産規則第28条第1号"}


def test_only_the_former_two_are_concluded():
    """The drafts are unsigned, and no date is printed for the contract."""
    assert [(row["agreement"], row["concluded_on"]) for row in rows("conclusions.csv")] == [
        ("basic-h27", "2015-02"),
        ("support-h31", "2019-03"),
    ]


@pytest.mark.parametrize("agreement", ["basic-r4", "support-r4"])
def test_parties_as_printed_under_the_draft(agreement):
    columns = ("side", "address", "name", "representative_post", "representative")
    assert [
        tuple(row[column] for column in columns)
        for row in rows("parties.csv")
        if row["agreement"] == agreement
    ] == [
        ("supporter", "川崎市川崎区宮本町1番地", "川崎市", "川崎市長", "福田 紀彦"),
        (
            "operator",
            "川崎市幸区堀川町66番地20",
            "公益財団法人川崎市産業振興財団",
            "理事長",
            "三浦 淳",
        ),
    ]


def test_posts():
    assert [row["title"] for row in rows("posts.csv")] == ["センター長", "副センター長"]


# --- provisions ----------------------------------------------------------------------------------
def provisions(agreement: str) -> list[dict[str, str]]:
    found = [row for row in rows("provisions.csv") if row["agreement"] == agreement]
    return sorted(found, key=lambda row: int(row["position"]))


@pytest.mark.parametrize(("agreement", "printed"), [("basic-r4", BASIC), ("support-r4", SUPPORT)])
def test_every_article_with_its_heading_and_its_parts(agreement, printed):
    articles: list[list[str]] = []
    for row in provisions(agreement):
        if row["kind"] == "article":
            articles.append([row["label"], row["heading"]])
        elif row["label"]:
            articles[-1].append(row["label"])
    assert articles == [line.split("|") for line in printed.strip().splitlines()]


def test_keys_say_where_a_provision_stands():
    kinds = {"art": "article", "par": "paragraph", "item": "item", "sub": "subitem"}
    for row in rows("provisions.csv"):
        parent, _, last = row["key"].rpartition("/")
        word = last.rstrip("0123456789")
        assert (row["parent"], row["kind"]) == (parent, kinds[word])
        number = last.removeprefix(word)
        kana = "アイウエ"[int(number) - 1] if word == "sub" else ""
        paragraph = number if number != "1" else ""
        printed = {"art": f"第{number}条", "par": paragraph, "item": f"({number})", "sub": kana}
        assert row["label"] == printed[word]


@pytest.mark.parametrize(("agreement", "size"), [("basic-r4", 50), ("support-r4", 35)])
def test_every_article_has_a_first_paragraph(agreement, size):
    """As agreements.wording reads a text, so that an import meets the same keys."""
    keys = [row["key"] for row in provisions(agreement)]
    assert len(keys) == size
    for article in (key for key in keys if "/" not in key):
        assert keys[keys.index(article) + 1] == f"{article}/par1"


def test_every_provision_says_what_it_means_in_a_sentence():
    """A lone paragraph leaves that to its article."""
    numbered = {
        (row["agreement"], row["parent"]) for row in rows("provisions.csv") if row["key"].endswith("/par2")
    }
    for row in rows("provisions.csv"):
        place = (row["agreement"], row["parent"])
        is_lone = row["kind"] == "paragraph" and place not in numbered
        assert is_lone or row["summary"].endswith("。")
        assert bool(row["summary"]) != is_lone
        assert len(row["summary"]) <= 80
        assert bool(row["heading"]) == (row["kind"] == "article")


def test_the_four_sub_items_stand_under_the_fourth_item():
    parents = {row["label"]: row["parent"] for row in provisions("support-r4") if row["kind"] == "subitem"}
    assert parents == dict.fromkeys("アイウエ", "art2/par1/item4")


# What the portal has itself fulfils these.
DEEDS = {
    "yearly-plan": "budget",
    "next-year-draft": "budget",
    "yearly-report": "settlement",
    "support-agreement": "agreement-research-support",
    "land-contract": "agreement-land-loan",
    "annual-agreement": "agreement-annual",
    "set-goals": "targets",
    "support-report": "report",
    "termination-talks": "consultation-terminate",
    "change-talks": "consultation-change",
    "other-talks": "consultation-not-provided",
}


def test_which_deeds_fulfil_which_obligations():
    assert {row["code"]: row["deed"] for row in rows("obligations.csv") if row["deed"]} == DEEDS
    assert all(deeds.kind(code) for code in DEEDS.values())


def test_no_title_names_a_year_from_another_ones_view():
    """前年度の… beside ◯年度分 would mean two years."""
    titles = [row["title"] for row in rows("obligations.csv")]
    assert not [title for title in titles if re.search("前年度|翌年度|次年度|当該年度", title)]


# --- obligations ---------------------------------------------------------------------------------
# Provision, who is bound, how it is decided, when; continuing roles apart
OBLIGATIONS = {
    "basic-r4": [
        ("art6/par2", "both", "joint", "once"),
        ("art7", "operator", "operator_decides", "once"),
        ("art8/par1", "operator", "operator_decides", "yearly"),
        ("art8/par2", "operator", "operator_decides", "yearly"),
        ("art9", "operator", "review", "yearly"),
        ("art9", "both", "joint", "yearly"),
        ("art10", "operator", "review", "on_request"),
        ("", "supporter", "none", "yearly"),  # 効果検証: section 6(1)b of the report
        ("art11/par4", "both", "joint", "once"),
        ("art12/par2", "both", "joint", "on_request"),
        ("art13", "both", "joint", "on_request"),
        ("art14", "both", "joint", "on_request"),
    ],
    "support-r4": [
        ("art3", "both", "joint", "once"),
        ("art3", "both", "joint", "yearly"),
        ("art6/par1", "operator", "operator_decides", "yearly"),
        ("art6/par2", "both", "joint", "yearly"),
        ("art7/par1", "operator", "review", "yearly"),
        ("art7/par2", "operator", "review", "on_request"),
        ("art8/par2", "both", "joint", "once"),
        ("art8/par3", "both", "joint", "on_request"),
        ("art9", "both", "joint", "on_request"),
        ("art10", "both", "joint", "on_request"),
    ],
}
ROLES = {
    "basic-r4": [
        ("art3/par1/item1", "both"),
        ("art3/par1/item2", "operator"),
        *((f"art4/par1/item{number}", "supporter") for number in range(1, 6)),
        *((f"art5/par1/item{number}", "operator") for number in range(1, 8)),
        ("art6/par1", "both"),
        ("art11/par1", "supporter"),
    ],
    "support-r4": [("art4/par1", "both"), ("art4/par2", "operator"), ("art5", "supporter")],
}


@pytest.mark.parametrize("agreement", OBLIGATIONS)
def test_what_each_article_asks_of_whom(agreement):
    of_agreement = [row for row in rows("obligations.csv") if row["agreement"] == agreement]
    columns = ("provision", "bound", "way", "timing")
    found = [
        tuple(row[column] for column in columns) for row in of_agreement if row["timing"] != "continuous"
    ]
    assert found == OBLIGATIONS[agreement]
    roles = [row for row in of_agreement if row["timing"] == "continuous"]
    assert [(row["provision"], row["bound"]) for row in roles] == ROLES[agreement]
    assert {row["way"] for row in roles} == {"none"}


def test_only_three_obligations_have_a_printed_date():
    dates = ("due_month", "due_day", "due_year_offset", "due_on")
    assert {
        (row["agreement"], row["provision"]): tuple(row[column] for column in dates)
        for row in rows("obligations.csv")
        if any(row[column] for column in dates)
    } == {
        ("basic-r4", "art8/par2"): ("8", "31", "-1", ""),
        ("basic-r4", "art9"): ("5", "31", "1", ""),
        ("support-r4", "art8/par2"): ("", "", "", "2026-03-31"),
    }


def test_the_first_draft_falls_due_within_the_agreements_force():
    (row,) = (row for row in rows("obligations.csv") if row["first_year"])
    due = date(
        int(row["first_year"]) + int(row["due_year_offset"]), int(row["due_month"]), int(row["due_day"])
    )
    start = date.fromisoformat(by_code("agreements.csv")[row["agreement"]]["starts_on"])
    assert (due, due.replace(year=due.year - 1) < start) == (date(2022, 8, 31), True)


def test_the_city_never_approves_a_plan():
    plans = {
        (row["agreement"], row["obligation"])
        for row in rows("required_documents.csv")
        if "計画" in row["name"] or "予算" in row["name"]
    }
    ways = {(row["agreement"], row["code"]): row["way"] for row in rows("obligations.csv")}
    assert {ways[plan] for plan in plans} == {"operator_decides"}
    assert len(plans) == 4


def test_documents_by_their_printed_names():
    provision = {(row["agreement"], row["code"]): row["provision"] for row in rows("obligations.csv")}
    names: dict[tuple[str, str], list[str]] = {}
    for row in rows("required_documents.csv"):
        place = (row["agreement"], provision[row["agreement"], row["obligation"]])
        names.setdefault(place, []).append(row["name"])
    assert names == {
        ("basic-r4", "art7"): ["事業計画書"],
        ("basic-r4", "art8/par1"): ["事業実施計画書", "収支予算書"],
        ("basic-r4", "art8/par2"): ["事業実施計画書（案）", "収支予算書（案）"],
        ("basic-r4", "art9"): ["事業報告書", "収支決算書"],
        ("support-r4", "art6/par1"): ["研究支援事業に係る実施計画書", "研究支援事業に係る収支予算書"],
        ("support-r4", "art6/par2"): ["年度協定書"],
        ("support-r4", "art7/par1"): ["事業報告書", "事業決算に係る書類"],
    }


# --- support -------------------------------------------------------------------------------------
def amounts(measure: str) -> dict[tuple[int, str], int]:
    return {
        (int(row["fiscal_year"]), row["stage"]): yen(row["value"], row["scale"])
        for row in rows("support_amounts.csv")
        if row["measure"] == measure
    }


def thousands(printed: str) -> list[int]:
    return [int(figure.replace(",", "")) * 1000 for figure in printed.split()]


def test_startup_contribution_figure_for_figure():
    years = [(year, "settled") for year in range(2015, 2021)]
    found = amounts("startup-contribution")
    assert found == dict(zip(years, thousands(STARTUP), strict=True))
    assert sum(found.values()) == 890_000_000


def test_promotion_contribution_figure_for_figure():
    r1, r2 = thousands(PROMOTION)
    assert amounts("promotion-r1") == {
        (2019, "settled"): r1,
        (2020, "settled"): r2,
        (2021, "budget"): 110_000_000,  # R3予算:1.1億円
    }


def test_no_amount_beyond_the_print():
    """Neither R3 of the start-up contribution nor anything from R4."""
    assert {row["measure"] for row in rows("support_amounts.csv")} == {
        "startup-contribution",
        "promotion-r1",
    }
    assert {row["known_from"] for row in rows("support_amounts.csv")} == {"2022-01-27"}


def test_measures_with_their_years_totals_and_limits():
    columns = ("agreement", "contract", "provision", "kind", "first_year", "last_year", "limit_rule")
    measures = by_code("support_measures.csv")
    assert {code: tuple(row[column] for column in columns) for code, row in measures.items()} == {
        "startup-contribution": ("basic-h27", "", "", "contribution", "2015", "2021", "period_total"),
        "construction-loan": ("basic-h27", "", "", "loan", "2015", "2021", "none"),
        "free-land-h27": ("basic-h27", "", "", "land", "2015", "2021", "none"),
        "promotion-r1": ("support-h31", "", "", "contribution", "2019", "2021", "indirect_cost_income"),
        "promotion-r4": ("support-r4", "", "art5", "contribution", "2022", "", "annual_agreement"),
        "free-land-r4": ("basic-r4", "land-r4", "art11", "land", "2022", "2051", "none"),
    }
    totals = {code: yen(row["total"], row["scale"]) for code, row in measures.items() if row["total"]}
    assert totals == {"startup-contribution": 900_000_000, "construction-loan": 1_000_000_000}
    assert all(row["conditions"].endswith("。") for row in measures.values())


def test_the_free_land_lasts_as_long_as_its_contract():
    contract, measure = by_code("agreements.csv")["land-r4"], by_code("support_measures.csv")["free-land-r4"]
    assert FiscalYear(int(measure["first_year"])).first_day.isoformat() == contract["starts_on"]
    assert FiscalYear(int(measure["last_year"])).last_day.isoformat() == contract["ends_on"]


# --- criteria and chronology ---------------------------------------------------------------------
def test_five_criteria():
    assert [row["code"] for row in rows("criteria.csv")] == [
        "leading-research",
        "citizens",
        "pupils",
        "national-funds",
        "new-industry",
    ]


def test_chronology_to_the_month():
    months = [parse_month(text) for text in MONTHS.split()]
    assert [row["happened_on"] for row in rows("chronology.csv")] == [
        f"{year:04d}-{month:02d}" for year, month in months
    ]
    linked = {row["happened_on"]: row["agreement"] for row in rows("chronology.csv") if row["agreement"]}
    assert linked == {row["concluded_on"]: row["agreement"] for row in rows("conclusions.csv")}


def test_the_sums_of_the_chronology():
    texts = {row["happened_on"]: row["text"] for row in rows("chronology.csv")}
    assert all(figure in texts["2013-02"] for figure in ("施設40億円", "機器20億円"))
    assert all(figure in texts["2013-03"] for figure in ("施設25億円", "機器10億円", "整備資金10億円"))


# --- the files hang together ---------------------------------------------------------------------
KEYS = {
    "agreements.csv": ["code"],
    "chronology.csv": ["code"],
    "facts.csv": ["code"],
    "conclusions.csv": ["agreement"],
    "criteria.csv": ["code"],
    "obligations.csv": ["agreement", "code"],
    "parties.csv": ["agreement", "side"],
    "posts.csv": ["code"],
    "provisions.csv": ["agreement", "key"],
    "required_documents.csv": ["agreement", "obligation", "code"],
    "sources.csv": ["code"],
    "support_amounts.csv": ["measure", "fiscal_year", "stage"],
    "support_measures.csv": ["code"],
}
LINKS = {
    "agreement": ("agreements.csv", ["agreement"]),
    "parent": ("agreements.csv", ["parent"]),
    "replaces": ("agreements.csv", ["replaces"]),
    "contract": ("agreements.csv", ["contract"]),
    "provision": ("provisions.csv", ["agreement", "provision"]),
    "obligation": ("obligations.csv", ["agreement", "obligation"]),
    "measure": ("support_measures.csv", ["measure"]),
}


def keys(name: str) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in KEYS[name]) for row in rows(name)]


@pytest.mark.parametrize("name", FILES)
def test_natural_keys_are_unique(name):
    assert len(keys(name)) == len(set(keys(name))) > 0


def links() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every reference: file, key it names, file it must be in."""
    for name in FILES:
        for row in rows(name):
            for column, (target, columns) in LINKS.items():
                if (name, column) != ("provisions.csv", "parent") and row.get(column):
                    yield name, tuple(row[part] for part in columns), target
            if name != "sources.csv":
                yield from ((name, (code,), "sources.csv") for code in row["source"].split("・"))
    for row in rows("provisions.csv"):
        if row["parent"]:
            yield "provisions.csv", (row["agreement"], row["parent"]), "provisions.csv"


def test_every_reference_is_met():
    known = {name: set(keys(name)) for name in FILES}
    assert [link for link in links() if link[1] not in known[link[2]]] == []


def test_no_source_is_described_in_vain():
    named = {code for name, (code, *_), target in links() if target == "sources.csv"}
    assert named == {row["code"] for row in rows("sources.csv")}


def test_a_row_comes_after_what_it_stands_under():
    seen = {""}
    for row in rows("agreements.csv"):
        assert {row["parent"], row["replaces"]} <= seen
        seen.add(row["code"])
    for agreement in ("basic-r4", "support-r4"):
        seen = {""}
        for row in provisions(agreement):
            assert row["parent"] in seen
            seen.add(row["key"])


def test_positions_number_the_rows_of_their_list():
    for name, of in (
        ("agreements.csv", []),
        ("posts.csv", []),
        ("provisions.csv", ["agreement"]),
        ("obligations.csv", ["agreement"]),
        ("required_documents.csv", ["agreement", "obligation"]),
        ("support_measures.csv", []),
        ("criteria.csv", []),
    ):
        lists: dict[tuple[str, ...], list[int]] = {}
        for row in rows(name):
            lists.setdefault(tuple(row[column] for column in of), []).append(int(row["position"]))
        for positions in lists.values():
            assert sorted(positions) == list(range(1, len(positions) + 1)), name


def test_units_and_partial_dates():
    scales = {"千円": "1000", "億円": "100000000"}
    for row in rows("support_amounts.csv"):
        assert row["scale"] == scales[row["unit"]]
    for row in rows("support_measures.csv"):
        assert row["scale"] == scales.get(row["unit"], "")
    dates = [row["happened_on"] for row in rows("chronology.csv")]
    assert all(map(partial_date.is_valid, dates))
    assert dates == sorted(dates)
