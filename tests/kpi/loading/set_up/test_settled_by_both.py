"""One side uploads a filled-in set-up workbook and puts it forward; when the other confirms it, all of it is in."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from agreements.models import Agreement, Conclusion, SupportAmount
from finance.models import Account, Statement
from iconm_portal.models import (
    Center,
    HistoryEvent,
    ImportRow,
    Job,
    ProposalState,
    Role,
    SetUp,
    StoredFile,
    User,
    WaitingFile,
)
from kpi.loading.set_up import actions, export, folders, workbook
from kpi.models import Actual, Plan, Record, Target
from tests.days import AT
from tests.kpi.loading.set_up.hall import write
from tests.kpi.loading.set_up.test_round_trip import differences, pack
from tests.people import client_of, make_person

pytestmark = pytest.mark.django_db
Edit = Callable[[dict[str, Worksheet]], None]
TODAY = date(2026, 11, 24)


@dataclass
class Hall:
    """A center that an administrator has made, with staff on both sides, and the file that it fills in."""

    center: Center
    town: User
    trust: User
    folder: Path

    def file(self, edit: Edit = lambda sheets: None) -> bytes:
        """Everything of the invented hall in the portal's workbook, changed as somebody would in a spreadsheet."""
        with transaction.atomic():
            folders.load(self.folder)
            tables = export.exported(self.center, TODAY)
            transaction.set_rollback(True)
        for one in tables:
            for row in one.rows:
                row["source"] = ""  # type: ignore[index]
        book = load_workbook(io.BytesIO(workbook.write(self.center, tables, TODAY)))
        edit({sheet.title: sheet for sheet in book.worksheets})
        filled = io.BytesIO()
        book.save(filled)
        return filled.getvalue()

    def upload(self, data: bytes, by: User | None = None) -> SetUp:
        sent = {
            "document": "管理運営の移行資料",
            "document_on": "R5.7.1",
            "file": SimpleUploadedFile("設定.xlsx", data),
        }
        answer = client_of(by or self.trust).post(
            reverse("kpi:set_ups", args=["mori-hall"]), sent, follow=True
        )
        assert answer.status_code == 200, answer.content.decode()
        return SetUp.objects.latest("pk")

    def press(self, step: str, set_up: SetUp, by: User, **sent: str) -> str:
        """The page after a step."""
        set_up.refresh_from_db()
        url = reverse(f"kpi:set_up_{step}", args=["mori-hall", set_up.pk])
        answer = client_of(by).post(url, {"version": set_up.version, **sent}, follow=True)
        set_up.refresh_from_db()
        return answer.content.decode()


@pytest.fixture
def hall(tmp_path: Path, time_machine) -> Hall:
    time_machine.move_to(AT, tick=False)
    folder, made = tmp_path / "whole", tmp_path / "made"
    folder.mkdir()
    made.mkdir()
    write(folder)
    for name in ("organisations.csv", "centers.csv"):
        (made / name).write_bytes((folder / name).read_bytes())
    folders.load(made)
    center = Center.objects.select_related("supporter", "operator").get()
    return Hall(
        center,
        make_person("town-staff", center.supporter, Role.STAFF),
        make_person("trust-staff", center.operator, Role.STAFF),
        folder,
    )


def page(user: User, set_up: SetUp) -> str:
    return client_of(user).get(reverse("kpi:set_up", args=["mori-hall", set_up.pk])).content.decode()


def test_a_center_is_set_up_with_its_past_by_one_file_and_one_confirmation(hall: Hall) -> None:
    set_up = hall.upload(hall.file())
    assert set_up.findings["count"] == 0, set_up.findings["problems"]
    assert not Agreement.objects.exists()
    assert "登録されます" in page(hall.trust, set_up)
    hall.press("propose", set_up, hall.trust)
    assert set_up.state == ProposalState.PROPOSED
    assert "設定.xlsx" in client_of(hall.town).get(reverse("kpi:home", args=["mori-hall"])).content.decode()
    sheet = reverse("kpi:set_up_sheet", args=["mori-hall", set_up.pk, "plans"])
    assert "第1期計画" in client_of(hall.town).get(sheet).content.decode()
    assert "設定一式を双方で確定しました" not in hall.press("confirm", set_up, hall.town)
    assert set_up.state == ProposalState.CONFIRMED
    assert (set_up.confirmed_by, set_up.proposed_by) == (hall.town, hall.trust)
    words = "管理運営の移行資料（R5.7.1）"
    settlement = Statement.objects.get()
    assert (settlement.state, str(settlement.known_from), settlement.source) == (
        "accepted",
        "2021-06-30",
        words,
    )
    assert settlement.recorded_at == AT
    assert [(one.source, one.recorded_by) for one in Target.objects.all()] == [(words, None)] * 3
    assert {str(one.known_from) for one in Conclusion.objects.all()} == {"2020-03-20"}
    assert (Actual.objects.count(), SupportAmount.objects.count(), Record.objects.count()) == (3, 2, 1)
    told = HistoryEvent.objects.filter(action="set_up.confirm").get()
    assert told.after["targets"] == 3


def test_by_workbook_and_by_folder_the_pack_is_the_same(hall: Hall, tmp_path: Path) -> None:
    with transaction.atomic():
        folders.load(hall.folder)
        by_folder = pack("mori-hall", TODAY, tmp_path)
        transaction.set_rollback(True)
    set_up = hall.upload(hall.file())
    hall.press("propose", set_up, hall.trust)
    hall.press("confirm", set_up, hall.town)
    by_workbook = pack("mori-hall", TODAY, tmp_path)
    found = differences(by_folder, by_workbook)
    assert all("出典" in row or "source" in row or "書" in row for row in found), found
    figures = [
        sheet
        for sheet in by_folder
        if sheet.startswith(("成果", "KPI", "収支", "データ_成果", "データ_収支"))
    ]
    assert len(figures) >= 5
    assert {one: by_folder[one] for one in figures} == {one: by_workbook[one] for one in figures}


def test_nobody_settles_both_sides(hall: Hall) -> None:
    set_up = hall.upload(hall.file())
    hall.press("propose", set_up, hall.trust)
    other = make_person("trust-other", hall.center.operator, Role.STAFF)
    for person in (hall.trust, other):
        hall.press("confirm", set_up, person)
        assert set_up.state == ProposalState.PROPOSED
    assert not Plan.objects.exists()


def test_the_other_side_declines_and_nothing_is_in(hall: Hall) -> None:
    set_up = hall.upload(hall.file())
    hall.press("propose", set_up, hall.trust)
    said = hall.press("decline", set_up, hall.town, reason="令和3年度の来館者数が違う")
    assert "令和3年度の来館者数が違う" in said
    assert (set_up.state, Plan.objects.count()) == (ProposalState.DECLINED, 0)


def test_taken_back_it_can_be_put_forward_again_or_discarded_with_its_file(hall: Hall) -> None:
    set_up = hall.upload(hall.file())
    hall.press("propose", set_up, hall.trust)
    hall.press("take_back", set_up, hall.trust)
    hall.press("propose", set_up, hall.trust)
    hall.press("confirm", set_up, hall.town)
    assert set_up.state == ProposalState.CONFIRMED
    again = hall.upload(hall.file())
    assert (again.findings["added"], WaitingFile.objects.count()) == (0, 1)
    url = reverse("kpi:set_up_discard", args=["mori-hall", again.pk])
    client_of(hall.trust).post(url, {"version": again.version})
    assert (SetUp.objects.count(), WaitingFile.objects.count(), StoredFile.objects.count()) == (1, 0, 1)


def put(sheet: str, cell: str, value: object) -> Edit:
    def edit(sheets: dict[str, Worksheet]) -> None:
        sheets[sheet][cell] = value

    return edit


BAD: dict[str, tuple[Edit, str, str]] = {
    "an unknown word": (put("成果指標", "J5", "増加"), "成果指標 J5", "「増加」は選択肢にありません。"),
    "a code that is nowhere": (
        put("目標値", "B5", "visits"),
        "目標値 B5",
        "「first/visits」は成果指標にありません。",
    ),
    "no unit": (put("成果指標", "I5", None), "成果指標 I5", "セルが空欄です。"),
    "31 February": (put("義務", "I5", 2), "義務 5行目", "暦にない日付です。"),
    "a plan of 40 years": (put("計画期間", "D5", "R41"), "計画期間 D5", "計画期間は20年以内です。"),
    "a wrong sum": (
        put("印刷された合計", "G5", 38002),
        "予算・決算 5行目",
        "端数処理では説明できない差です。",
    ),
    "a code used twice": (put("科目", "A6", "fees"), "科目 A6", "「fees」は5行目にもあります。"),
    "an unknown column": (put("計画期間", "N3", "担当"), "計画期間 3行目", "列「担当」は読み込めません。"),
    "another center": (
        put("計画期間", "A2", "設定一式 第1版　センター：iconm"),
        "計画期間",
        "センター「iconm」のもの",
    ),
    "another version": (
        put("計画期間", "A2", "設定一式 第9版　センター：mori-hall"),
        "計画期間",
        "版は9です",
    ),
    "no mark": (put("計画期間", "A2", None), "計画期間", "どのセンターのどの版の表か"),
}


@pytest.mark.parametrize(("edit", "place", "said"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_said_by_sheet_and_cell_and_cannot_be_put_forward(
    hall: Hall, edit: Edit, place: str, said: str
) -> None:
    set_up = hall.upload(hall.file(edit))
    shown = page(hall.trust, set_up)
    assert place in shown
    assert said in shown
    hall.press("propose", set_up, hall.trust)
    assert set_up.state == ProposalState.DRAFT
    assert not Plan.objects.exists()


def test_what_is_there_already_is_skipped_and_what_differs_is_reported_and_stays(hall: Hall) -> None:
    first = hall.upload(hall.file())
    hall.press("propose", first, hall.trust)
    hall.press("confirm", first, hall.town)

    def edit(sheets: dict[str, Worksheet]) -> None:
        sheets["科目"]["D5"] = "施設利用料"
        sheets["計画期間"]["A7"], sheets["計画期間"]["B7"] = "third", "第3期計画"
        sheets["計画期間"]["C7"], sheets["計画期間"]["D7"] = "R7", "R9"

    second = hall.upload(hall.file(edit), by=hall.town)
    assert second.findings["added"] == 1
    shown = page(hall.town, second)
    assert "登録済みは「利用料」、ファイルは「施設利用料」" in shown
    hall.press("propose", second, hall.town)
    hall.press("confirm", second, hall.trust)
    assert Account.objects.get(code="fees").name == "利用料"
    assert str(Plan.objects.get(code="third").first_year) == "令和7年度"


def test_what_changed_meanwhile_is_said_and_nothing_is_in(hall: Hall, tmp_path: Path) -> None:
    set_up = hall.upload(hall.file())
    hall.press("propose", set_up, hall.trust)
    other = tmp_path / "other"
    other.mkdir()
    write(
        other,
        **dict.fromkeys(("statement_lines", "statement_totals", "support_amounts")),
        accounts="code,position,side,name,first_year,source\ncosts,1,revenue,経費,2020,別の資料\n",
    )
    (other / "support_measures.csv").unlink()
    folders.load(other)
    hall.press("confirm", set_up, hall.town)
    assert set_up.state == ProposalState.PROPOSED
    assert not Statement.objects.exists()
    assert Job.objects.filter(kind=actions.CONFIRM).get().failure
    assert "科目" in page(hall.town, set_up)


def test_a_file_that_waited_in_vain_is_gone_and_the_page_says_so(hall: Hall) -> None:
    set_up = hall.upload(hall.file())
    WaitingFile.objects.all().delete()
    set_up.refresh_from_db()
    assert "ファイルは削除されました" in page(hall.trust, set_up)
    hall.press("propose", set_up, hall.trust)
    assert set_up.state == ProposalState.DRAFT


def test_the_template_and_the_exports_are_downloaded(hall: Hall) -> None:
    client = client_of(hall.town)
    data = client.get(reverse("kpi:set_up_template", args=["mori-hall"])).content
    assert "計画期間" in load_workbook(io.BytesIO(data)).sheetnames
    for ending in ("xlsx", "zip"):
        answer = client.post(
            reverse("kpi:set_up_export", args=["mori-hall"]), {"ending": ending}, follow=True
        )
        assert answer.status_code == 200
    assert [job.result.name for job in Job.objects.order_by("pk") if job.result] == [
        "mori-hall-set-up-2026-11-24.xlsx",
        "mori-hall-set-up-2026-11-24.zip",
    ]


def test_queries_do_not_grow_with_the_workbook(hall: Hall, django_assert_max_num_queries) -> None:
    set_up = hall.upload(hall.file())
    client: Client = client_of(hall.trust)
    url = reverse("kpi:set_up", args=["mori-hall", set_up.pk])
    client.get(url)
    with django_assert_max_num_queries(14):
        client.get(url)
    assert not ImportRow.objects.exists()
