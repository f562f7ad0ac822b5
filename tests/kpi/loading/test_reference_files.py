"""The reference files against the report's tables, typed here a second time as they are printed."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding, format_number
from kpi.plans.achievement import Certainty, Comparator, Kind, display, stored

FOLDER = Path(__file__).parents[3] / "kpi" / "reference"

# 8 (2) 成果指標（KPI）: goal, significance, name, baseline, R4–R7
T1 = """
革新的医薬品等の上市|事業化への最終ステップへの到達数|治験や臨床研究等の実施件数(累計)|11件|12件|13件|14件|15件
革新的医薬品等の上市|事業化に向けた企業との契約件数|ライセンス実施件数(累計)【新規】|13件|14件|15件|16件|17件
革新的医薬品等の上市|事業化を目指す研究成果の母数|特許出願件数(年間)|8件|5件|10件|15件|20件
革新的医薬品等の上市|研究を継続するための資金調達力|研究費収入額(年額)|438,802千円 (決算見込額)|286,000千円|347,000千円|354,000千円|360,000千円
拠点価値の向上|立地機関を誘引する求心力|iCONM入居率【新規】|87%|90%|90%|90%|90%
拠点価値の向上|戦略的な情報発信|メディア掲載件数(年間)【新規】|165件|180件|200件|220件|240件
拠点価値の向上|市民理解の醸成|市民公開講座アンケートの「満足」割合【新規】|90%|90%|90%|90%|90%
新産業の創出|新たな市場領域への産業波及|ベンチャー設立数(累計)|7社|8社|9社|10社|11社
"""
# 参考資料1 KPI達成状況: goal, name, R1 target, actual, R2 target, actual, R3 target
T3 = """
革新的医薬品等の上市|治験等の実施件数(累計)|11件|11件|12件|11件|14件
革新的医薬品等の上市|特許出願件数(累計)|40件|63件|70件|87件|75件
革新的医薬品等の上市|研究費収入額|460百万円|505百万円|480百万円|600百万円|530百万円
拠点価値の向上|エリア進出決定機関数|68機関|69機関|70機関|70機関|75機関
拠点価値の向上|研究員に占める外国人割合|28%以上|24.3%|30%以上|21.1%|33%以上
新産業振興|ベンチャー設立数(累計)|3社|3社|4社|5社|5社
"""
# これまでの収支状況, 入居率: H27–R2
T2_TARGETS = "45% 55% 60% 65% 75% 80%"
T2_ACTUALS = "44% 42% 56% 58% 79% 80%"

FORECAST_MARK = " (決算見込額)"


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def table(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


def indicators(plan: str) -> list[dict[str, str]]:
    found = [row for row in rows("indicators.csv") if row["plan"] == plan]
    return sorted(found, key=lambda row: int(row["position"]))


def printed_name(indicator: dict[str, str]) -> str:
    return (
        indicator["name"] + indicator["printed_kind"] + ("【新規】" if indicator["is_new"] == "yes" else "")
    )


def printed(indicator: dict[str, str], row: dict[str, str]) -> str:
    """A row of targets.csv or actuals.csv by way of the base unit, as the indicator shows it."""
    base = stored(Decimal(row["value"]), int(row["scale"]))
    shown = display(
        base,
        scale=int(indicator["scale"]),
        decimals=int(indicator["decimals"]),
        rounding=Rounding(indicator["rounding"]),
    )
    return format_number(shown) + indicator["unit"]


def cell(file: str, indicator: dict[str, str], year: int) -> str:
    """The one cell, or "" where the report prints none."""
    key = (indicator["plan"], indicator["code"], str(year))
    found = [row for row in rows(file) if (row["plan"], row["indicator"], row["fiscal_year"]) == key]
    assert len(found) <= 1
    if not found:
        return ""
    text = printed(indicator, found[0])
    if file == "targets.csv":
        return text + ("以上" if indicator["prints_comparator"] == "yes" else "")
    return text + (FORECAST_MARK if found[0]["certainty"] == Certainty.FORECAST else "")


def goal_label(indicator: dict[str, str]) -> str:
    key = (indicator["plan"], indicator["goal"])
    (label,) = (row["label"] for row in rows("goals.csv") if (row["plan"], row["code"]) == key)
    return label


def test_t1_cell_by_cell():
    assert [
        [
            goal_label(indicator),
            indicator["significance"],
            printed_name(indicator),
            cell("actuals.csv", indicator, 2021),
            *(cell("targets.csv", indicator, year) for year in range(2022, 2026)),
        ]
        for indicator in indicators("support-r4")
    ] == table(T1)


def test_t3_cell_by_cell():
    assert [
        [
            goal_label(indicator),
            printed_name(indicator),
            cell("targets.csv", indicator, 2019),
            cell("actuals.csv", indicator, 2019),
            cell("targets.csv", indicator, 2020),
            cell("actuals.csv", indicator, 2020),
            cell("targets.csv", indicator, 2021),
        ]
        for indicator in indicators("support-r1")
    ] == table(T3)


def test_t2_occupancy_cell_by_cell():
    (occupancy,) = indicators("startup")
    years = range(2015, 2021)
    assert printed_name(occupancy) == "入居率"
    assert [cell("targets.csv", occupancy, year) for year in years] == T2_TARGETS.split()
    assert [cell("actuals.csv", occupancy, year) for year in years] == T2_ACTUALS.split()
    assert cell("targets.csv", occupancy, 2021) == "90%"
    assert cell("actuals.csv", occupancy, 2021) == ""


def test_nothing_beyond_the_tables():
    # 7 + 6 × 3 + 8 × 4 targets; 6 + 6 × 2 + 8 actuals. The R3 column of T3 has no actuals.
    assert (len(rows("targets.csv")), len(rows("actuals.csv"))) == (57, 26)


def test_the_november_column_mixes_kinds():
    baseline = {row["indicator"]: row for row in rows("actuals.csv") if row["plan"] == "support-r4"}
    assert len(baseline) == 8
    assert {row["as_of"] for row in baseline.values()} == {"2021-11-30"}
    forecasts = [code for code, row in baseline.items() if row["certainty"] == Certainty.FORECAST]
    assert forecasts == ["research-income"]
    assert {row["certainty"] for row in baseline.values()} == {Certainty.INTERIM, Certainty.FORECAST}


def test_closed_years_are_final_as_of_their_last_day():
    for row in rows("actuals.csv"):
        if row["plan"] != "support-r4":
            assert row["certainty"] == Certainty.FINAL
            assert date.fromisoformat(row["as_of"]) == FiscalYear(int(row["fiscal_year"])).last_day


def test_continuity():
    continued = {
        f"{row['plan']}/{row['code']}": " ".join(
            [row["continuity"], f"{row['predecessor_plan']}/{row['predecessor_code']}"]
        )
        for row in rows("indicators.csv")
        if row["continuity"] != "none"
    }
    assert continued == {
        "support-r4/trials": "continues support-r1/trials",
        "support-r4/patents": "breaks support-r1/patents",
        "support-r4/research-income": "continues support-r1/research-income",
        "support-r4/occupancy": "continues startup/occupancy",
        "support-r4/ventures": "continues support-r1/ventures",
    }


def test_kinds_and_comparators():
    kinds = {f"{row['plan']}/{row['code']}": row["kind"] for row in rows("indicators.csv")}
    marks = {f"{row['plan']}/{row['code']}": row["printed_kind"] for row in rows("indicators.csv")}
    by_mark = {"(累計)": Kind.CUMULATIVE, "(年間)": Kind.FLOW, "(年額)": Kind.FLOW}
    assert all(kinds[key] == by_mark[mark] for key, mark in marks.items() if mark)
    assert {key: kinds[key] for key, mark in marks.items() if not mark} == {
        "startup/occupancy": Kind.RATIO,
        "support-r1/research-income": Kind.FLOW,
        "support-r1/institutions": Kind.LEVEL,
        "support-r1/foreign-researchers": Kind.RATIO,
        "support-r4/occupancy": Kind.RATIO,
        "support-r4/satisfaction": Kind.RATIO,
    }
    assert {row["comparator"] for row in rows("indicators.csv")} == {Comparator.AT_LEAST}


def test_direct_goals():
    assert [(row["target_year"], row["plans"], row["set_in_year"]) for row in rows("kgis.csv")] == [
        (year, "support-r1 support-r4", "2019") for year in ("2045", "2028", "2028", "2028")
    ]


# --- the files hang together ---------------------------------------------------------------------
FILES = sorted(path.name for path in FOLDER.glob("*.csv"))


KEYS = {
    "sources.csv": ["code"],
    "plans.csv": ["code"],
    "kgis.csv": ["code"],
    "goals.csv": ["plan", "code"],
    "indicators.csv": ["plan", "code"],
    "targets.csv": ["plan", "indicator", "fiscal_year"],
    "actuals.csv": ["plan", "indicator", "fiscal_year", "as_of"],
    "categories.csv": ["code"],
    "records.csv": ["category", "number"],
    "bases.csv": ["plan", "indicator"],
    "initiative_schemes.csv": ["code"],
    "initiative_categories.csv": ["scheme", "code"],
    "initiatives.csv": ["scheme", "category", "code"],
}


def keys(name: str) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in KEYS[name]) for row in rows(name)]


@pytest.mark.parametrize("name", FILES)
def test_natural_keys_are_unique(name):
    assert len(keys(name)) == len(set(keys(name))) > 0


def links() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every reference: file, key it names, file it must be in."""
    for name in FILES:
        if name != "sources.csv":
            yield from ((name, (row["source"],), "sources.csv") for row in rows(name))
    for name in ("goals.csv", "indicators.csv"):
        yield from ((name, (row["plan"],), "plans.csv") for row in rows(name))
    for row in rows("goals.csv"):
        if row["continues_plan"] or row["continues_code"]:
            yield "goals.csv", (row["continues_plan"], row["continues_code"]), "goals.csv"
    for row in rows("indicators.csv"):
        if row["goal"]:
            yield "indicators.csv", (row["plan"], row["goal"]), "goals.csv"
        if row["predecessor_plan"] or row["predecessor_code"]:
            yield "indicators.csv", (row["predecessor_plan"], row["predecessor_code"]), "indicators.csv"
    for name in ("targets.csv", "actuals.csv", "bases.csv"):
        yield from ((name, (row["plan"], row["indicator"]), "indicators.csv") for row in rows(name))
    for name in ("records.csv", "bases.csv"):
        yield from ((name, (row["category"],), "categories.csv") for row in rows(name) if row["category"])
    yield from (
        ("initiatives.csv", (row["scheme"], row["category"]), "initiative_categories.csv")
        for row in rows("initiatives.csv")
    )
    for row in rows("kgis.csv"):
        yield from (("kgis.csv", (plan,), "plans.csv") for plan in row["plans"].split())


def test_every_reference_is_met():
    known = {name: set(keys(name)) for name in FILES}
    assert [link for link in links() if link[1] not in known[link[2]]] == []


def test_a_judged_continuity_has_its_reason():
    for row in rows("goals.csv"):
        assert bool(row["continues_code"]) == bool(row["reason"])
    for row in rows("indicators.csv"):
        assert (row["continuity"] != "none") == bool(row["predecessor_code"]) == bool(row["reason"])


def test_choices_and_units():
    scales = {"千円": "1000", "百万円": "1000000"}
    units = {}
    for row in rows("indicators.csv"):
        Kind(row["kind"]), Comparator(row["comparator"]), Rounding(row["rounding"])
        assert row["continuity"] in {"none", "continues", "breaks"}
        assert {row["is_new"], row["prints_comparator"]} <= {"yes", "no"}
        assert int(row["decimals"]) <= int(row["entry_decimals"]) <= 3
        units[row["plan"], row["code"]] = row["unit"]
    for name in ("indicators.csv", "targets.csv", "actuals.csv"):
        assert all(row["scale"] == scales.get(row["unit"], "1") for row in rows(name))
    assert all(row["unit"] == units[row["plan"], row["indicator"]] for row in rows("targets.csv"))


def test_years_lie_in_their_plans():
    plans = {row["code"]: row for row in rows("plans.csv")}
    for row in rows("targets.csv"):
        plan = plans[row["plan"]]
        assert int(plan["first_year"]) <= int(row["fiscal_year"]) <= int(plan["last_year"])
    for row in rows("actuals.csv"):
        plan, year = plans[row["plan"]], int(row["fiscal_year"])
        in_plan = int(plan["first_year"]) <= year <= int(plan["last_year"])
        assert in_plan or str(year) == plan["baseline_year"]
        assert FiscalYear.of(date.fromisoformat(row["as_of"])) == FiscalYear(year)
    assert {
        row["known_from"] for name in ("targets.csv", "actuals.csv", "kgis.csv") for row in rows(name)
    } == {"2022-01-27"}


# --- kinds of facts in the register ---------------------------------------------------------------


def of(category: str) -> list[dict[str, str]]:
    return [row for row in rows("records.csv") if row["category"] == category]


def test_how_many_there_were_at_a_time_is_no_total_of_a_period():
    levels = {row["category"]: row["quantity"] for row in rows("records.csv") if row["is_level"] == "yes"}
    assert levels == {"institutions": "70", "joint-research": "19"}
    for row in rows("records.csv"):
        assert row["is_level"] == "no" or (row["latest"] == "2022-01-27" and not row["first_year"])


def test_about_stands_where_the_report_prints_it():
    about = {
        (row["category"], row["number"]): (row["is_approximate"], row["people_are_approximate"])
        for row in rows("records.csv")
        if "yes" in (row["is_approximate"], row["people_are_approximate"])
    }
    assert about == {
        ("press", "1"): ("yes", "no"),  # 約1,000件
        ("lectures", "1"): ("no", "yes"),  # 約200人
        ("lectures", "2"): ("no", "yes"),
        ("visits", "1"): ("no", "yes"),  # 約4,200人
        ("pupils", "1"): ("no", "yes"),  # 約850人
        ("seminars", "1"): ("yes", "yes"),  # 約60件・約3,900人
        ("visitors", "1"): ("yes", "no"),  # 約1,000件・12,000人
    }


def test_each_research_project_names_its_venture():
    ventures = {row["title"]: row["note"] for row in of("projects")}
    assert {
        title: name for title, note in ventures.items() if (name := note.partition("関連ベンチャー：")[2])
    } == {
        "抗がん剤搭載ナノマシン": "アキュルナ(株)（現ナノキャリア(株)）",
        "核酸医薬搭載ナノマシン": "アキュルナ(株)（現ナノキャリア(株)）",
        "脳内送達用ナノマシン": "(株)ブレイン・セラピューティクス",
        "ホウ素中性子捕捉治療（BNCT）": "ソニア・セラピューティクス(株)",
        "音響力学的療法（SDT）": "ソニア・セラピューティクス(株)",
        "mRNAによる機能の再生": "(株)PrimRNA",
        "mRNAによる再生医療": "(株)PrimRNA",
        "迅速診断デバイスの開発": "(株)イクストリーム・(株)イクスフロー",
        "新型コロナウイルス遺伝子検査キット": "(株)イクストリーム・(株)イクスフロー",
    }


def test_press_releases_and_national_projects_are_named():
    assert [row["happened"] for row in of("announcements")] == ["2020-01-20", "2021-03-10"]
    assert [(row["title"], row["partner"]) for row in of("national-projects")] == [
        ("リサーチコンプレックス推進プログラム", "慶應義塾大学（中核機関）"),
        ("地域イノベーション・エコシステム形成プログラム", "東京工業大学（申請者）"),
    ]
