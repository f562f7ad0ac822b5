"""A story is told in data and done by actions: what is said is read by its type, and a deed that nobody understands is refused."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from iconm_portal.forms.files import CheckedFile
from iconm_portal.imports.reference_files import Loader
from iconm_portal.imports.reference_loading import TABLES
from iconm_portal.imports.story import BadStory, Player
from iconm_portal.models import Center, Organisation, User
from iconm_portal.values.fiscal import FiscalYear

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Terms:
    amount: Decimal
    note: str = ""


class Deeds:
    """Actions that only say what they were asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def agree(
        self,
        *,
        organisation: Organisation,
        years: list[FiscalYear],
        terms: Terms,
        by: User,
        at: datetime,
        paper: CheckedFile | None = None,
        due_on: date | None = None,
    ) -> Organisation:
        self.asked.append(
            {
                "organisation": organisation,
                "years": years,
                "terms": terms,
                "paper": paper,
                "due_on": due_on,
                "by": by,
                "at": at,
            }
        )
        return organisation

    def rename(self, *, organisation: Organisation, name: str, version: int, center: Center) -> None:
        self.asked.append({"organisation": organisation, "name": name, "version": version, "center": center})


def tell(folder: Path, center: Center, people: dict[str, User], *deeds: str) -> list[dict[str, Any]]:
    (folder / "story.toml").write_text("story = [\n" + ",\n".join(deeds) + "\n]\n", "utf-8")
    actions: Any = Deeds()
    Player(Loader(center), people).perform(folder, TABLES, {"talks": [SimpleNamespace(), actions]})
    return list(actions.asked)


AGREE = (
    '{day = 2026-04-01, who = "city", does = "talks: %s", as = "them", organisation = "%s", years = [2026, 2027], '
    'terms = {amount = 1.50, note = "案"}, due_on = 2026-05-01, paper = ["案.txt", "本文"]%s}'
)


def test_what_is_said_is_read_by_its_type(tmp_path: Path, center: Center, city_staff: User) -> None:
    code = center.operator.code
    (asked,) = tell(tmp_path, center, {"city": city_staff}, AGREE % ("agree", code, ""))
    assert asked.pop("at").isoformat() == "2026-04-01T10:30:00+09:00"
    assert asked == {
        "organisation": center.operator,
        "years": [FiscalYear(2026), FiscalYear(2027)],
        "terms": Terms(Decimal("1.50"), "案"),
        "paper": CheckedFile("案.txt", "text/plain", "本文\n".encode()),
        "due_on": date(2026, 5, 1),
        "by": city_staff,
    }


def test_what_an_action_made_is_what_the_next_is_about(
    tmp_path: Path, center: Center, city_staff: User
) -> None:
    made = AGREE % ("agree, rename", center.operator.code, ', name = "新"')
    later = '{day = 2026-04-02, who = "city", does = "talks: rename", organisation = "them", name = "旧"}'
    asked = tell(tmp_path, center, {"city": city_staff}, made, later)
    assert [one.get("name") for one in asked] == [None, "新", "旧"]
    assert {one["organisation"] for one in asked} == {center.operator}
    assert asked[1]["center"] == center


def test_what_is_told_later_and_was_done_before_is_done_before(
    tmp_path: Path, center: Center, city_staff: User
) -> None:
    renamed = '{day = %s, who = "city", does = "talks: rename", organisation = "%s", name = "%s"}'
    days = ("2026-04-02", "2026-04-01", "2026-04-02")
    code = center.operator.code
    told = [renamed % (day, code, name) for day, name in zip(days, "二一三", strict=True)]
    asked = tell(tmp_path, center, {"city": city_staff}, *told)
    assert [one["name"] for one in asked] == ["一", "二", "三"]


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (AGREE % ("agree", "%s", ', reason = "x"'), "nothing asks for reason"),
        (AGREE % ("forget", "%s", ""), "nobody can do “talks: forget”"),
        ((AGREE % ("agree", "%s", "")).replace("talks", "walks"), "nobody can do “walks: agree”"),
    ],
)
def test_a_deed_that_nobody_understands_is_refused(
    tmp_path: Path, center: Center, city_staff: User, deed: str, said: str
) -> None:
    with pytest.raises(BadStory, match=said) as refused:
        tell(tmp_path, center, {"city": city_staff}, deed % center.operator.code)
    assert "story.toml, deed 1" in refused.value.__notes__[0]
