"""An invented register: what the plans' indicators count, and what shows everything that a record can be."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from agreements.loading.demonstration.cast import SOURCE, People, at
from iconm_portal.forms import files
from iconm_portal.history import history
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Category, Indicator, IndicatorBasis, Measured
from kpi.register import actions
from kpi.register.actions import Facts

WRITTEN = at(date(2026, 6, 10))
CATEGORIES = [
    Category(code="ventures", name="ベンチャー設立", unit="社", reference_label="法人番号"),
    Category(code="studies", name="臨床研究等", unit="件", reference_label="試験番号", asks_stage=True),
    Category(code="press", name="メディア掲載", unit="件", reference_label="掲載先"),
    Category(code="lectures", name="市民講座", unit="回", asks_people=True, asks_satisfaction=True),
    Category(code="visits", name="施設見学", unit="件", asks_people=True),
]
BASES = [
    ("ventures", "ventures", Measured.RECORDS),
    ("studies", "studies", Measured.RECORDS),
    ("media", "press", Measured.RECORDS),
    ("satisfaction", "lectures", Measured.SATISFACTION),
    ("visits", "visits", Measured.PEOPLE),
]
VENTURES = [
    ("海風バイオ(株)", "2019-09", ""),
    ("(株)みどり診断", "2020-11-02", "(株)海風ヘルスに吸収合併（令和6年4月）"),
    ("(株)ナギサ創薬", "2021-06", ""),
    ("潮見デバイス(株)", "2021", ""),
    ("(株)シオカゼ", "2022-12-01", ""),
    ("みどり台製剤(株)", "2023-10", ""),
    ("(株)ハマカゼ解析", "2024-08-20", ""),
]
STUDIES = [("2019-05", 4), ("2020-10", 2), ("2021-07", 1), ("2022-09", 2), ("2023-06", 1), ("2024-11", 1)]
LECTURES = [
    ("2022-11-12", 140, "90"),
    ("2023-11-11", 180, "92.4"),
    ("2024-06-08", 90, "88.5"),
    ("2024-11-16", 110, "91"),
]
VISITS = {2021: (310, 5), 2022: (452, 6), 2023: (530, 7), 2024: (561, 7), 2025: (640, 8)}
PRESS = ("海風新聞", "港湾日報", "医療と産業", "みどりテレビ", "技術通信")


def load(center: Center, people: People) -> None:
    """Categories, what the indicators count, and the records; after the plans."""
    categories = {
        category.code: _category(center, category, position)
        for position, category in enumerate(CATEGORIES, 1)
    }
    _bases(center, categories)
    actions.add_many(center=center, rows=_rows(categories), by=people.foundation, at=WRITTEN)
    _special_ones(categories, people)


def _category(center: Center, described: Category, position: int) -> Category:
    fields = {
        name: getattr(described, name)
        for name in (
            "code",
            "name",
            "unit",
            "reference_label",
            "asks_people",
            "asks_satisfaction",
            "asks_stage",
        )
    }
    category = Category.objects.create(center=center, position=position, source=SOURCE.text, **fields)
    history.record(
        by=SOURCE, action="category.add", subject=category, center=center, after={"name": category.name}
    )
    return category


def _bases(center: Center, categories: dict[str, Category]) -> None:
    for code, category, measured in BASES:
        for indicator in Indicator.objects.filter(plan__center=center, code=code):
            basis = IndicatorBasis.objects.create(
                indicator=indicator, category=categories[category], measured=measured, source=SOURCE.text
            )
            history.record(
                by=SOURCE,
                action="basis.add",
                subject=basis,
                center=center,
                after={"category": category, "measured": str(measured)},
            )


def _rows(categories: dict[str, Category]) -> Iterator[tuple[Category, Facts]]:
    for name, happened, became in VENTURES:
        yield categories["ventures"], Facts(name, happened=happened, became=became)
    for happened, number in STUDIES:
        for place in range(1, number + 1):
            title = f"臨床研究 {happened}-{place}（架空）"
            yield categories["studies"], Facts(title, happened=happened, theme="がん診断", stage="第Ⅰ相")
    for happened, people, share in LECTURES:
        title = f"市民講座（{happened[:7]}）"
        yield (
            categories["lectures"],
            Facts(title, happened=happened, people=people, satisfaction=Decimal(share)),
        )
    for year, (people, number) in VISITS.items():
        for place in range(number):
            part = people // number + (people % number if place == 0 else 0)
            title = f"施設見学 {FiscalYear(year).short}-{place + 1}（架空）"
            yield categories["visits"], Facts(title, happened=f"{year}-{4 + place:02}-15", people=part)
    for place in range(46):
        day = f"2026-{4 + place % 2:02}-{1 + place % 28:02}"
        title = f"研究成果の紹介 {place + 1}（架空）"
        yield categories["press"], Facts(title, happened=day, reference=f"{PRESS[place % 5]} {place + 1}")


def _special_ones(categories: dict[str, Category], people: People) -> None:
    """One whose date is not known, one with a file, one withdrawn, and the total of a period."""
    by = people.foundation
    actions.add(
        category=categories["ventures"],
        facts=Facts("(株)アオバ計測", note="設立日を確認中"),
        by=by,
        at=WRITTEN,
    )
    survey = files.CheckedFile("アンケート集計（架空）.csv", "text/csv", "回答,人数\n満足,77\n".encode())
    actions.add(
        category=categories["lectures"],
        facts=Facts("市民講座（春）", happened="2026-05-16", people=85, satisfaction=Decimal("90.6")),
        by=by,
        at=WRITTEN,
        new_files=[survey],
    )
    twice = actions.add(
        category=categories["press"],
        facts=Facts("研究成果の紹介 3（再掲）", happened="2026-05-20", reference="海風新聞 夕刊"),
        by=by,
        at=WRITTEN,
    )
    actions.withdraw(record=twice, version=twice.version, reason="同じ記事を二度記録した", by=by, at=WRITTEN)
    actions.add(
        category=categories["visits"],
        facts=Facts(
            "施設見学（合計）",
            is_period_total=True,
            first_year=FiscalYear(2019),
            last_year=FiscalYear(2020),
            quantity=None,
            people=700,
            is_approximate=True,
            note="個々の記録は残っていない",
        ),
        by=by,
        at=WRITTEN,
    )
