"""A committee pack: prepared by the city, previewed, frozen; years later the same bytes, and what has changed since."""

import datetime
import hashlib
import io

import pytest
from django.db import DatabaseError, transaction
from openpyxl import load_workbook

from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import HistoryEvent
from kpi.models import Pack, PackState
from kpi.papers import actions, contents, workbook
from tests.builders.plans import PATENTS, TRIALS, correct, make_accepted_report, make_plan, tokyo

pytestmark = pytest.mark.django_db
PACKS = "/lab/packs/"
DAY = datetime.date(2023, 6, 1)


@pytest.fixture
def report(center, foundation_staff, city_staff):
    """Trials 9 of 10 and patents 「-」, accepted on 1 April 2023."""
    plan = make_plan(center, indicators=[TRIALS, PATENTS], targets={"trials": 10, "patents": 5})
    return make_accepted_report(
        plan, 2022, {"trials": 9, "patents": None}, by=foundation_staff, reviewer=city_staff
    )


@pytest.fixture
def later(time_machine):
    """The day on which the pack is made."""
    time_machine.move_to(tokyo(DAY))


def typed(**changes: str) -> dict[str, str]:
    return {
        "title": "運営状況について",
        "committee": "総務委員会",
        "presented_on": "R5.6.8",
        "department": "国際戦略本部",
        "fiscal_year": "R4",
        "as_of": "R5.6.1",
        "version": "0",
        "in_achievement": "on",
        "place_achievement": "1",
        "comment_achievement": "概ね順調。",
        "in_targets": "on",
        "place_targets": "2",
    } | changes


def made(log_in, person, **changes: str) -> Pack:
    response = log_in(person).post(f"{PACKS}new/", typed(**changes))
    assert response.status_code == 302, response.context["form"].errors
    return Pack.objects.first()


def frozen(log_in, person) -> Pack:
    pack = made(log_in, person)
    response = log_in(person).post(f"{PACKS}{pack.number}/freeze/", {"version": pack.version})
    assert response.status_code == 302
    pack.refresh_from_db()
    return pack


def test_sections_stand_in_the_order_asked_for_with_their_comments(report, later, city_staff, log_in) -> None:
    pack = made(log_in, city_staff)
    page = log_in(city_staff).get(f"{PACKS}{pack.number}/").content.decode()
    assert page.index("KPI達成状況</h2>") < page.index("成果指標（KPI）</h2>")
    assert "概ね順調。" in page
    book = load_workbook(io.BytesIO(log_in(city_staff).get(f"{PACKS}{pack.number}/workbook.xlsx").content))
    assert book.sheetnames == [
        "表紙",
        "KPI達成状況",
        "KPIの推移",
        "成果指標（KPI）",
        "データ_KPI達成状況",
        "データ_成果指標",
        "コード・定義",
    ]
    assert "概ね順調。" in {cell.value for row in book["KPI達成状況"].iter_rows() for cell in row}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"as_of": "R5.13.1"}, "as_of"),
        ({"as_of": "R6.1.1"}, "as_of"),  # still to come
        ({"place_targets": "0"}, "place_targets"),
        ({"in_targets": "", "in_achievement": ""}, "__all__"),
    ],
)
def test_a_bad_entry_is_said_at_its_place_and_begins_nothing(
    report, later, city_staff, log_in, changes, field
) -> None:
    response = log_in(city_staff).post(f"{PACKS}new/", typed(**changes))
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert "総務委員会" in response.content.decode()
    assert not Pack.objects.exists()


def test_a_frozen_pack_gives_the_same_bytes_after_a_correction(
    report, later, city_staff, foundation_staff, city_viewer, log_in, time_machine
) -> None:
    pack = frozen(log_in, city_staff)
    before = log_in(city_viewer).get(f"{PACKS}{pack.number}/workbook.xlsx").content
    assert hashlib.sha256(before).hexdigest() == pack.workbook_digest
    time_machine.move_to(tokyo(datetime.date(2024, 2, 1)))
    correct(
        report, {"trials": 12, "patents": 3}, reason="集計の誤り", by=foundation_staff, reviewer=city_staff
    )
    assert log_in(city_viewer).get(f"{PACKS}{pack.number}/workbook.xlsx").content == before
    assert "9件" in log_in(city_viewer).get(f"{PACKS}{pack.number}/").content.decode()

    response = log_in(city_viewer).get(f"{PACKS}{pack.number}/differences/")
    said = [row for _table, rows in response.context["groups"] for row in rows]
    trials = next(row for row in said if "治験" in row.what)
    assert (trials.before, trials.after) == ("9件", "12件")
    assert "集計の誤り" in trials.reason
    assert city_staff.name in trials.who
    patents = next(row for row in said if "特許" in row.what)
    assert patents.after.startswith("3件")


def test_built_twice_from_the_same_data_it_is_the_same_file(report, later, city_staff, log_in) -> None:
    pack = made(log_in, city_staff)
    both = [
        workbook.make(pack, contents.read(pack.center, year=pack.fiscal_year, as_of=pack.as_of))
        for _turn in range(2)
    ]
    assert both[0].to_bytes() == both[1].to_bytes()
    assert both[0].data == both[1].data


def test_a_frozen_pack_is_neither_changed_nor_thrown_away(report, later, city_staff, log_in) -> None:
    pack = frozen(log_in, city_staff)
    client = log_in(city_staff)
    address = f"{PACKS}{pack.number}/"
    assert client.post(f"{address}edit/", typed(version=str(pack.version))).status_code == 409
    assert client.post(f"{address}discard/", {"version": pack.version}).status_code == 409
    assert client.post(f"{address}freeze/", {"version": pack.version}).status_code == 409
    with pytest.raises(DatabaseError, match="frozen pack"), transaction.atomic():
        Pack.objects.filter(pk=pack.pk).update(title="別")
    with pytest.raises(DatabaseError, match="frozen pack"), transaction.atomic():
        Pack.objects.filter(pk=pack.pk).delete()
    assert Pack.objects.get().title == "運営状況について"


def test_who_saves_second_is_told_and_sees_what_was_saved(report, later, city_staff, log_in) -> None:
    pack = made(log_in, city_staff)
    client = log_in(city_staff)
    assert client.post(f"{PACKS}{pack.number}/edit/", typed(version="1", title="一つ目")).status_code == 302
    response = client.post(f"{PACKS}{pack.number}/edit/", typed(version="1", title="二つ目"))
    assert response.status_code == 409
    assert "二つ目" in response.content.decode()
    assert Pack.objects.get().title == "一つ目"
    again = client.post(
        f"{PACKS}{pack.number}/edit/", typed(version=response.context["form"].data["version"], title="二つ目")
    )
    assert again.status_code == 302


def test_freezing_what_somebody_changed_meanwhile_is_refused(report, later, city_staff, log_in) -> None:
    pack = made(log_in, city_staff)
    with pytest.raises(Conflict):
        actions.freeze(pack=pack, version=7, by=city_staff, at=tokyo(DAY))
    assert Pack.objects.get().state == PackState.DRAFT


def test_others_see_frozen_packs_only_and_make_none(
    report, later, city_staff, foundation_staff, city_viewer, foreign_city_staff, log_in
) -> None:
    pack = made(log_in, city_staff)
    for person in (foundation_staff, city_viewer):
        assert log_in(person).get(f"{PACKS}{pack.number}/").status_code == 404
        assert log_in(person).post(f"{PACKS}new/", typed()).status_code == 403
    log_in(city_staff).post(f"{PACKS}{pack.number}/freeze/", {"version": pack.version})
    assert log_in(foundation_staff).get(f"{PACKS}{pack.number}/").status_code == 200
    assert log_in(foreign_city_staff).get(f"{PACKS}{pack.number}/").status_code == 404


def test_what_was_done_stands_in_the_history(report, later, city_staff, log_in) -> None:
    frozen(log_in, city_staff)
    done = HistoryEvent.objects.filter(subject__startswith="kpi.pack").order_by("pk")
    assert [event.action for event in done] == ["pack.start", "pack.freeze"]


def test_a_day_on_which_nothing_was_known_has_no_pack_but_the_choice_of_another(
    report, later, city_staff, log_in
) -> None:
    pack = made(log_in, city_staff, as_of="R2.1.1")
    response = log_in(city_staff).get(f"{PACKS}{pack.number}/")
    assert response.status_code == 200
    assert response.context["sheets"] is None
    assert log_in(city_staff).post(f"{PACKS}{pack.number}/freeze/", {"version": 1}).status_code == 400


def test_the_code_list_names_sources_and_what_was_updated_when(report, later, city_staff, log_in) -> None:
    pack = made(log_in, city_staff)
    book = load_workbook(io.BytesIO(log_in(city_staff).get(f"{PACKS}{pack.number}/workbook.xlsx").content))
    rows = [[cell.value for cell in row] for row in book["コード・定義"].iter_rows()]
    assert ["source", "T1", "出典"] in [row[:3] for row in rows]
    (updated,) = [row for row in rows if row[0] == "update"]
    assert updated[1] == "research / 2022"
    assert updated[3] == "令和5年3月31日時点。第1版、令和5年4月1日から"
