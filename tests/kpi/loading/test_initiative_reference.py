"""T5, T7 and the three pillars, against a transcription of names, marks and goals made from the report and not from the files."""

import pytest

from iconm_portal.imports.reference_files import Loader, LoadResult
from iconm_portal.models import Center
from kpi.initiatives import initiatives
from kpi.initiatives.initiatives import Scheme
from kpi.loading import initiatives as loading_initiatives
from kpi.loading import reference
from kpi.models import Initiative
from tests.builders.initiatives import make_goal
from tests.builders.plans import make_plan

pytestmark = pytest.mark.django_db

LAUNCH, SITE, INDUSTRY = "革新的医薬品等の上市", "拠点価値の向上", "新産業の創出"
# 8 (3): 主な取組項目, how many lines of 取組内容 it has, 獲得を目指す成果
T5 = [
    ("研究戦略推進支援", 2, (LAUNCH, SITE, INDUSTRY)),
    ("研究資金獲得支援", 3, (LAUNCH,)),
    ("事業化支援", 3, (LAUNCH, INDUSTRY)),
    ("広報活動", 3, (LAUNCH, SITE, INDUSTRY)),
]
# 研究支援事業一覧: mark and name; what stands below another
T7 = [
    ("I", "研究戦略推進支援"),
    ("II", "研究資金獲得支援"),
    ("III", "研究資金獲得後の支援"),
    ("IV", "関連専門支援"),
    ("IV-1", "事業化支援"),
    ("IV-2", "安全管理"),
    ("IV-3", "倫理・コンプライアンス"),
    ("IV-4", "イベント・広報等"),
    ("V", "研究環境整備"),
    ("VI", "人材育成"),
    ("VII", "研究活動推進費"),
]
# Section 3: name, how many lines, how many of them 新規
PILLARS = [
    ("研究成果の実用化による健康・福祉の向上", 3, 1),
    ("市民への貢献", 2, 0),
    ("拠点形成と産業創出", 2, 1),
]


@pytest.fixture
def schemes(center: Center) -> dict[str, Scheme]:
    result = load(center)
    assert (result.identical, result.differing) == (0, [])
    return {scheme.code: scheme for scheme in initiatives.load(center)}


def load(center: Center) -> LoadResult:
    if not center.plans.exists():
        plan = make_plan(center, code="support-r4")
        for code, label in (("market-launch", LAUNCH), ("site-value", SITE), ("new-industry", INDUSTRY)):
            make_goal(plan, code, label)
    loader = Loader(center)
    loader.know(reference.TABLES)
    loader.load(reference.FOLDER, loading_initiatives.TABLES)
    return loader.result


def test_t5_as_printed(schemes: dict[str, Scheme]) -> None:
    scheme = schemes["main-r4"]
    assert [
        (category.label, len(category.activities), tuple(goal.label for goal in category.goals))
        for category in scheme.categories
    ] == T5
    assert (scheme.first_year.wareki, scheme.last_year) == ("令和4年度", None)
    assert (scheme.category_heading, scheme.goal_heading) == ("主な取組項目", "獲得を目指す成果")


def test_t7_as_printed(schemes: dict[str, Scheme]) -> None:
    scheme = schemes["support-r1"]
    assert [(category.mark, category.label) for category in scheme.categories] == T7
    assert [category.mark for category in scheme.categories if category.depth] == [
        "IV-1",
        "IV-2",
        "IV-3",
        "IV-4",
    ]
    assert not scheme.has_goals, "T7 prints none"
    assert [category.mark for category in scheme.categories if not category.activities] == ["IV"]
    assert scheme.last_year is not None
    assert (scheme.first_year.wareki, scheme.last_year.wareki) == ("令和元年度", "令和3年度")


def test_the_three_pillars(schemes: dict[str, Scheme]) -> None:
    found = [
        (category.label, len(category.activities), sum(activity.is_new for activity in category.activities))
        for category in schemes["pillars-r4"].categories
    ]
    assert found == PILLARS


def test_loading_again_changes_nothing(center: Center, schemes: dict[str, Scheme]) -> None:
    Initiative.objects.filter(code="patents", category__scheme__code="main-r4").update(text="書き換えた")
    result = load(center)
    assert result.added == 0
    assert len(result.differing) == 1
    assert Initiative.objects.filter(text="書き換えた").exists()
