"""What the report says beside its tables stands where a reader looks for it, with its place, in our own words."""

import pytest

from agreements.models import ReportedFact
from iconm_portal.models import Center, Role
from tests.people import LogIn, make_person

pytestmark = pytest.mark.django_db

PLACES = {
    "support/free-land-r4/": ("事業用定期借地契約", "市の事務事業と同程度", "6 (1) a 無償貸付の考え方"),
    "support/free-land-h27/": ("協調事業",),
    "support/startup-contribution/": ("達成見込", "引き上げ"),
    "agreements/support-h31/": ("イノベーション支援グループ", "手順書", "知財出願工程表", "広報委員会"),
    "kpi/support-r1/": ("「KPIを概ね達成」", "参考資料1 1(2)イ 研究支援 取組結果"),
    "kpi/startup/": ("達成見込", "引き上げ"),
    "": ("研究事業", "施設管理事業", "経営体制", "臨海部国際戦略本部"),
    "chronology/": (
        "達成見込",
        "事業用定期借地契約",
        "地域資源等を活用した産学連携による国際科学イノベーション拠点整備事業",
        "スマートライフケア社会への変革を先導するものづくりオープンイノベーション拠点（COINS）",
    ),
    "agreements/basic-r4/": ("殿町3丁目地区先行土地利用エリア土地利用基本計画", "平成21年1月"),
}


@pytest.mark.parametrize(("page", "said"), PLACES.items())
def test_a_reader_finds_it(iconm: Center, log_in: LogIn, page: str, said: tuple[str, ...]) -> None:
    text = log_in(make_person("viewer", iconm.supporter, Role.VIEWER)).get(f"/iconm/{page}").content.decode()
    for words in said:
        assert words in text


def test_each_has_its_place_and_is_marked_as_ours(iconm: Center, log_in: LogIn) -> None:
    assert ReportedFact.objects.count() == 14
    assert not ReportedFact.objects.filter(source="").exists()
    text = (
        log_in(make_person("viewer", iconm.supporter, Role.VIEWER)).get("/iconm/chronology/").content.decode()
    )
    assert text.count("要旨") >= 2
