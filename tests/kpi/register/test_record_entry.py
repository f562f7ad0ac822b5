"""Writing the register: quick entry, likeness, corrections by two, withdrawing and reinstating, files."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Category, Record
from kpi.register import actions, texts
from kpi.register.actions import Facts
from tests.builders.plans import tokyo
from tests.builders.records import make_category, make_record
from tests.people import LogIn

pytestmark = pytest.mark.django_db
NOW = tokyo(date(2026, 11, 24))


@pytest.fixture
def lectures(center: Center) -> Category:
    return make_category(center, "lectures", asks_people=True, asks_satisfaction=True, unit="回")


@pytest.fixture
def patents(center: Center) -> Category:
    by_number = {"same_reference": True, "same_title": False, "same_date": False}
    return make_category(center, "patents", reference_label="出願番号", **by_number)


@pytest.fixture
def keeper(foundation_staff: User, log_in: LogIn) -> Client:
    return log_in(foundation_staff)


def new_url(category: Category) -> str:
    return reverse("kpi:record_new", kwargs={"center": category.center.code, "category": category.code})


def url(record: Record, step: str = "") -> str:
    kwargs = {"center": record.center.code, "category": record.category.code, "number": record.number}
    return reverse(f"kpi:record{step}", kwargs=kwargs)


def add(category: Category, title: str, by: User, **fields: object) -> Record:
    return actions.add(category=category, facts=Facts(title=title, **fields), by=by, at=NOW)


# -- Entering --


def test_quick_entry_keeps_what_was_typed_as_officials_type_it(lectures: Category, keeper: Client) -> None:
    typed = {
        "title": "第１回 公開講座",
        "happened": "R6.5",
        "people": "１，２００人",
        "satisfaction": "87.5%",
        "quantity": "1",
    }
    response = keeper.post(new_url(lectures), typed)
    assert response.status_code == 302
    assert response["Location"] == new_url(lectures)  # stays for the next one
    record = Record.objects.get()
    assert (record.happened, record.earliest, record.latest) == (
        "2024-05",
        date(2024, 5, 1),
        date(2024, 5, 31),
    )
    assert (record.people, str(record.satisfaction), record.number) == (1200, "87.5", 1)
    assert record.recorded_by is not None
    assert HistoryEvent.objects.get().action == "record.add"


def test_the_form_asks_what_the_category_asks(lectures: Category, patents: Category, keeper: Client) -> None:
    of_lecture, of_patent = (keeper.get(new_url(one)).content.decode() for one in (lectures, patents))
    assert 'name="people"' in of_lecture
    assert 'name="people"' not in of_patent
    assert "出願番号" in of_patent
    assert 'name="reference"' not in of_lecture


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", " "),
        ("happened", "R9.1"),  # still to come
        ("happened", "R6.13"),
        ("people", "約200"),
        ("people", "-1"),
        ("people", "99999999999"),
        ("satisfaction", "101"),
        ("first_year", "R3"),  # without being the total of a period
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    lectures: Category, keeper: Client, field: str, typed: str
) -> None:
    response = keeper.post(new_url(lectures), {"title": "講座", "happened": "R6.5", field: typed})
    assert response.status_code == 400
    assert response.context["form"].errors.get(field)
    assert f'value="{typed}"' in response.content.decode()
    assert not Record.objects.exists()


def test_a_period_total_has_years_in_place_of_a_date(lectures: Category, foundation_staff: User) -> None:
    years = {"first_year": FiscalYear(2015), "last_year": FiscalYear(2020)}
    with pytest.raises(ValidationError) as refused:
        add(lectures, "合計", foundation_staff, is_period_total=True, happened="2020", **years)
    assert set(refused.value.error_dict) == {"happened"}
    total = add(lectures, "合計", foundation_staff, is_period_total=True, quantity=None, people=4200, **years)
    assert (total.earliest, total.latest) == (date(2015, 4, 1), date(2021, 3, 31))


def test_a_level_stands_at_a_time_and_is_no_total(lectures: Category, foundation_staff: User) -> None:
    years = {"first_year": FiscalYear(2015), "last_year": FiscalYear(2020)}
    with pytest.raises(ValidationError) as refused:
        add(lectures, "機関", foundation_staff, is_level=True, is_period_total=True, **years)
    assert "is_level" in refused.value.error_dict
    with pytest.raises(ValidationError) as refused:
        add(lectures, "機関", foundation_staff, is_level=True, quantity=70)
    assert set(refused.value.error_dict) == {"happened"}
    level = add(lectures, "機関", foundation_staff, is_level=True, quantity=70, latest=date(2022, 1, 27))
    assert texts.figures(level) == ["70回"]
    assert texts.when(level) == "令和4年1月27日までのある時点"


def test_about_is_said_of_each_number_by_itself(lectures: Category, foundation_staff: User) -> None:
    facts = {"quantity": 1000, "people": 12000, "happened": "2022-01"}
    visitors = add(lectures, "来訪", foundation_staff, is_approximate=True, **facts)
    assert texts.figures(visitors) == ["約1,000回", "12,000人"]
    other = add(lectures, "別の来訪", foundation_staff, people_are_approximate=True, **facts)
    assert texts.figures(other) == ["1,000回", "約12,000人"]


def test_only_the_foundations_staff_writes(lectures: Category, city_staff: User, foreign_staff: User) -> None:
    for person in (city_staff, foreign_staff):
        with pytest.raises(PermissionDenied):
            add(lectures, "講座", person)


@pytest.fixture
def foreign_staff(foreign_foundation_staff: User) -> User:
    return foreign_foundation_staff


# -- What may be there already --


def test_the_same_reference_is_noticed_and_saved_when_it_is_another_one(
    patents: Category, keeper: Client
) -> None:
    first = make_record(patents, "出願A", reference="特願2024-001", happened="2024-06-01")
    typed = {
        "title": "別の名",
        "reference": "特願２０２４－００１",
        "happened": "2026-01-05",
        "quantity": "1",
    }
    asked = keeper.post(new_url(patents), typed)
    assert asked.status_code == 409
    assert url(first) in asked.content.decode()
    assert Record.objects.count() == 1
    assert keeper.post(new_url(patents), typed | {"is_another": "on"}).status_code == 302
    assert Record.objects.count() == 2


@pytest.mark.parametrize(
    ("happened", "is_noticed"), [("2024-06-01", True), ("2024-06-02", False), ("2024-06", False), ("", False)]
)
def test_the_same_title_on_the_same_day_is_noticed_and_a_likeness_is_not(
    lectures: Category, foundation_staff: User, happened: str, is_noticed: bool
) -> None:
    make_record(lectures, "市民公開講座 １", happened="2024-06-01")
    make_record(make_category(lectures.center, "other"), "講座", happened="2024-06-01")
    if is_noticed:
        with pytest.raises(actions.Alike):
            add(lectures, "市民 公開講座1", foundation_staff, happened=happened)
    else:
        add(lectures, "市民 公開講座1", foundation_staff, happened=happened)


# -- Correcting --


def test_a_correction_is_kept_with_what_it_was(lectures: Category, keeper: Client) -> None:
    record = make_record(lectures, "講座", happened="2024-06-01", people=10)
    typed = {
        "title": "講座",
        "happened": "2024-06-01",
        "people": "12",
        "quantity": "1",
        "version": "1",
        "became": "別名",
    }
    assert keeper.post(url(record, "_edit"), typed).status_code == 302
    record.refresh_from_db()
    assert (record.people, record.became, record.version) == (12, "別名", 2)
    event = HistoryEvent.objects.get()
    assert (event.before, event.after) == ({"people": 10}, {"people": 12, "became": "別名"})
    page = keeper.get(url(record)).content.decode()
    assert "別名" in page


def test_the_second_to_save_sees_both_versions(
    lectures: Category, keeper: Client, foundation_staff: User
) -> None:
    record = make_record(lectures, "講座", happened="2024-06-01", people=10)
    actions.change(
        record=record,
        version=1,
        facts=Facts(title="講座（改）", happened="2024-06-01", people=10),
        by=foundation_staff,
        at=NOW,
    )
    typed = {"title": "講座", "happened": "2024-06-01", "people": "15", "quantity": "1", "version": "1"}
    told = keeper.post(url(record, "_edit"), typed)
    assert told.status_code == 409
    rows = {(one.label, one.saved, one.typed) for one in told.context["differences"]}
    assert {row[1:] for row in rows} == {("講座（改）", "講座"), ("10", "15")}
    record.refresh_from_db()
    assert record.people == 10
    assert keeper.post(url(record, "_edit"), typed | {"version": "2"}).status_code == 302
    record.refresh_from_db()
    assert (record.title, record.people) == ("講座", 15)


# -- Withdrawing --


def test_a_withdrawn_record_stays_with_its_reason_and_comes_back_with_one(
    lectures: Category, keeper: Client, foundation_staff: User
) -> None:
    record = make_record(lectures, "講座", happened="2024-06-01")
    assert keeper.post(url(record, "_withdraw"), {"version": "1"}).status_code == 400
    assert keeper.post(url(record, "_withdraw"), {"version": "1", "reason": "二重"}).status_code == 302
    record.refresh_from_db()
    assert (record.is_withdrawn, record.withdrawal_reason) == (True, "二重")
    assert "二重" in keeper.get(url(record)).content.decode()
    with pytest.raises(WrongStep):
        actions.change(record=record, version=2, facts=Facts(title="講座"), by=foundation_staff, at=NOW)
    assert keeper.post(url(record, "_reinstate"), {"version": "1", "reason": "別"}).status_code == 409
    assert keeper.post(url(record, "_reinstate"), {"version": "2", "reason": "別の回"}).status_code == 302
    record.refresh_from_db()
    assert not record.is_withdrawn
    assert list(HistoryEvent.objects.order_by("pk").values_list("action", "reason")) == [
        ("record.withdraw", "二重"),
        ("record.reinstate", "別の回"),
    ]


def test_two_who_withdraw_at_once(lectures: Category, foundation_staff: User) -> None:
    record = make_record(lectures, "講座", happened="2024-06-01")
    mine, yours = (Record.objects.get(pk=record.pk) for _ in range(2))
    actions.withdraw(record=mine, version=1, reason="二重", by=foundation_staff, at=NOW)
    with pytest.raises(Conflict):
        actions.withdraw(record=yours, version=1, reason="誤り", by=foundation_staff, at=NOW)


# -- Files --


def test_files_are_attached_and_given_to_whoever_sees_what_is_settled(
    lectures: Category, keeper: Client, city_viewer: User, foreign_city_viewer: User, log_in: LogIn
) -> None:
    record = make_record(lectures, "講座", happened="2024-06-01")
    file = SimpleUploadedFile("アンケート.txt", "満足".encode())
    assert keeper.post(url(record, "_attach"), {"documents": [file]}).status_code == 302
    attached = record.files.get()
    address = reverse(
        "kpi:record_file",
        kwargs={"center": record.center.code, "category": "lectures", "number": 1, "file": attached.file_id},
    )
    assert log_in(city_viewer).get(address).content.decode() == "満足"
    assert log_in(foreign_city_viewer).get(address).status_code == 404
    wrong = SimpleUploadedFile("a.exe", b"MZ")
    assert keeper.post(url(record, "_attach"), {"documents": [wrong]}).status_code == 400
    assert keeper.post(url(record, "_attach")).status_code == 400  # none was chosen, so none is attached
    assert record.files.count() == 1
