"""What the invented agreements say, as data."""

from datetime import date
from typing import Any

from agreements.models import AgreementKind, Bound, Way

AGREEMENTS: dict[str, dict[str, Any]] = {
    "basic-first": {
        "kind": AgreementKind.BASIC,
        "title": "みどり台ラボの運営等に関する基本協定書（平成31年・架空）",
        "short_title": "基本協定（平成31年・架空）",
        "starts_on": date(2019, 4, 1),
        "ends_on": date(2022, 3, 31),
    },
    "basic": {
        "kind": AgreementKind.BASIC,
        "title": "みどり台ラボの運営等に関する基本協定書（架空）",
        "short_title": "基本協定（架空）",
        "replaces": "basic-first",
        "starts_on": date(2022, 4, 1),
        "summary": "施設の位置付け、両者の役割、毎年の計画と報告を取り決める（架空）。",
    },
    "research": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "みどり台ラボにおける研究支援事業に関する協定書（架空）",
        "short_title": "研究支援協定（架空）",
        "parent": "basic",
        "starts_on": date(2022, 4, 1),
        "ends_on": date(2028, 3, 31),
        "review_on": date(2026, 9, 30),
        "review_reason": "成長計画の終わりに先立つ見直し（架空）",
    },
    "land": {
        "kind": AgreementKind.LAND_LOAN,
        "title": "みどり台ラボ用地の使用貸借契約（架空）",
        "short_title": "用地の使用貸借契約（架空）",
        "parent": "basic",
        "starts_on": date(2022, 4, 1),
        "ends_on": date(2042, 3, 31),
        "legal_basis": "海風市財産条例（架空）",
    },
    "equipment": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "分析機器の共同利用に関する協定書（架空）",
        "short_title": "機器共同利用協定（架空）",
        "parent": "basic",
        "starts_on": date(2023, 4, 1),
    },
    "publicity": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "共同広報に関する協定書（架空）",
        "short_title": "共同広報協定（架空）",
        "parent": "basic",
        "starts_on": date(2022, 10, 1),
    },
    "visits": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "見学の受入れに関する協定書（架空）",
        "short_title": "見学受入協定（架空）",
        "parent": "basic",
        "starts_on": date(2024, 4, 1),
    },
    "next-research": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "次期研究支援事業に関する協定書（架空）",
        "short_title": "次期研究支援協定（架空）",
        "parent": "basic",
        "starts_on": date(2027, 4, 1),
        "ends_on": date(2031, 3, 31),
    },
    "region": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "地域連携に関する協定書（案・架空）",
        "short_title": "地域連携協定（案・架空）",
        "starts_on": date(2026, 4, 1),
    },
}

SIGNED = {
    "basic-first": "2019-03",
    "basic": "2022-03-25",
    "research": "2022-03-25",
    "land": "2022-03-30",
    "equipment": "2023-03-20",
    "publicity": "2022-09-12",
    "visits": "2024-03-15",
    "next-research": "2026-11-10",
}

BASIC_ARTICLES = [
    ("第1条", "目的", "健康に役立つ研究の場を、両者で支える（架空）。", []),
    (
        "第2条",
        "計画",
        "財団は、翌年度の計画と予算の案を8月末までに市へ出し、協議のうえ決める（架空）。",
        [("plan-draft", "翌年度の計画・予算の案の提出", Bound.OPERATOR, Way.OPERATOR_DECIDES, (8, 31, -1))],
    ),
    (
        "第3条",
        "報告",
        "財団は、前年度の報告書と決算書を5月末までに市へ出す（架空）。",
        [("report", "事業報告書・収支決算書の提出", Bound.OPERATOR, Way.REVIEW, (5, 31, 1))],
    ),
    ("第4条", "用地", "市は用地を無償で貸す。協定が終われば無償の扱いも終わる（架空）。", []),
    ("第5条", "解約", "どちらかの申し出から協議し、両者の合意で終わる（架空）。", []),
]
RESEARCH_ARTICLES = [
    ("第1条", "目的", "研究と実用化の支援に両者で取り組む（架空）。", []),
    (
        "第2条",
        "年度協定",
        "毎年度、取組と負担金の額を定めて年度協定を結ぶ（架空）。",
        [("annual-agreement", "年度協定の締結", Bound.BOTH, Way.JOINT, None)],
    ),
]

CHRONOLOGY = [
    ("decision", "2018", "海風市が施設の整備を決定（架空）"),
    ("first-agreement", "2019-03", "最初の基本協定を締結（架空）"),
    ("opening", "2019-04-01", "みどり台ラボが開所（架空）"),
    ("renewal", "2022-04", "新しい基本協定のもとで運営を開始（架空）"),
]
