"""Invented goals and indicators with their targets and values, as data."""

from dataclasses import dataclass

from iconm_portal.values.money import Rounding
from kpi.models import Continuity
from kpi.plans.achievement import Comparator, Kind


@dataclass(frozen=True)
class Demo:
    """An invented indicator. Targets and actuals are in the display unit, by fiscal year."""

    code: str
    goal: str
    name: str
    unit: str
    kind: Kind
    printed_kind: str
    targets: dict[int, str]
    actuals: dict[int, str]
    comparator: Comparator = Comparator.AT_LEAST
    scale: int = 1
    decimals: int = 0
    rounding: Rounding = Rounding.HALF_UP
    is_new: bool = False
    significance: str = ""
    continuity: Continuity = Continuity.NONE
    reason: str = ""


GOALS = {"practice": "実用化", "site": "拠点の価値", "industry": "新産業"}

FIRST = [
    Demo("studies", "practice", "臨床研究等の実施件数", "件", Kind.CUMULATIVE, "(累計)",
         {2019: "4", 2020: "6", 2021: "8"}, {2019: "4", 2020: "6", 2021: "7"}),
    Demo("patents", "practice", "特許出願件数", "件", Kind.CUMULATIVE, "(累計)",
         {2019: "20", 2020: "30", 2021: "40"}, {2019: "22", 2020: "31", 2021: "38"}),
    Demo("research-income", "practice", "研究費収入額", "百万円", Kind.FLOW, "(年額)",
         {2019: "240", 2020: "260", 2021: "280"}, {2019: "251.904", 2020: "248.611", 2021: "290.455"},
         scale=1_000_000, rounding=Rounding.TRUNCATE),
    Demo("occupancy", "site", "入居率", "%", Kind.RATIO, "",
         {2019: "70", 2020: "75", 2021: "80"}, {2019: "71.5", 2020: "73.2", 2021: "82.1"}, decimals=1),
    Demo("ventures", "industry", "ベンチャー設立数", "社", Kind.CUMULATIVE, "(累計)",
         {2019: "2", 2020: "3", 2021: "4"}, {2019: "2", 2020: "3", 2021: "4"}),
]  # fmt: skip

SECOND = [
    Demo("studies", "practice", "臨床研究等の実施件数", "件", Kind.CUMULATIVE, "(累計)",
         {2022: "9", 2023: "10", 2024: "11", 2025: "13", 2026: "14"},
         {2021: "7", 2022: "9", 2023: "10", 2024: "11", 2025: "12"},
         significance="事業化に近い段階まで進んだ数", continuity=Continuity.CONTINUES, reason="同じ件数を続けて数える"),
    Demo("patents", "practice", "特許出願件数", "件", Kind.FLOW, "(年間)",
         {2022: "5", 2023: "7", 2024: "8", 2025: "10", 2026: "12"},
         {2021: "3", 2022: "7", 2023: "6", 2024: "9", 2025: "11"},
         significance="事業化のもとになる成果", continuity=Continuity.BREAKS,
         reason="前計画は累計、この計画からは年間の件数"),
    Demo("research-income", "practice", "研究費収入額", "千円", Kind.FLOW, "(年額)",
         {2022: "286000", 2023: "300000", 2024: "330000", 2025: "347000", 2026: "354000"},
         {2021: "281200", 2022: "294110", 2023: "288954", 2024: "331870", 2025: "361204"},
         scale=1000, significance="研究を続ける資金", continuity=Continuity.CONTINUES,
         reason="表示単位だけが百万円から千円に変わった"),
    Demo("occupancy", "site", "入居率", "%", Kind.RATIO, "",
         {2022: "85", 2023: "88", 2024: "90", 2025: "90", 2026: "90"},
         {2021: "81.0", 2022: "86.4", 2023: "88.0", 2024: "91.5", 2025: "88.3"}, decimals=1,
         significance="立地を引き付ける力", continuity=Continuity.CONTINUES, reason="同じ面積割合"),
    Demo("media", "site", "メディア掲載件数", "件", Kind.FLOW, "(年間)",
         {2022: "160", 2023: "180", 2024: "200", 2025: "210", 2026: "220"},
         {2021: "90", 2022: "171", 2023: "188", 2024: "195"}, is_new=True, significance="情報の発信"),
    Demo("accidents", "site", "研究施設の事故件数", "件", Kind.FLOW, "(年間)",
         {2022: "3", 2023: "3", 2024: "2", 2025: "2", 2026: "2"}, {2022: "2", 2023: "4", 2024: "0", 2025: "0"},
         comparator=Comparator.AT_MOST, is_new=True, significance="安全な運営"),
    Demo("satisfaction", "site", "市民講座の「満足」割合", "%", Kind.RATIO, "",
         {2022: "90", 2023: "90", 2024: "90", 2025: "90", 2026: "90"}, {2022: "90", 2023: "92.4", 2024: "89.9"},
         comparator=Comparator.MAINTAIN, decimals=1, is_new=True, significance="市民の理解"),
    Demo("ventures", "industry", "ベンチャー設立数", "社", Kind.CUMULATIVE, "(累計)",
         {2022: "5", 2023: "6", 2024: "7", 2025: "9", 2026: "10"},
         {2021: "4", 2022: "5", 2023: "6", 2024: "7", 2025: "8"},
         significance="新しい市場への広がり", continuity=Continuity.CONTINUES, reason="同じ累計の社数"),
]  # fmt: skip

REGION = [
    Demo("visits", "citizens", "施設見学の受入人数", "人", Kind.FLOW, "(年間)",
         {year: str(400 + 50 * (year - 2021)) for year in range(2021, 2029)},
         {2021: "310", 2022: "452", 2023: "530", 2024: "561", 2025: "640"}),
    Demo("schools", "citizens", "連携する学校数", "校", Kind.LEVEL, "",
         {year: str(8 + year - 2021) for year in range(2021, 2029)},
         {2021: "8", 2022: "9", 2023: "10", 2024: "11", 2025: "12"}),
]  # fmt: skip
