"""The history: written with the change or not at all, filtered, and put into words."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from iconm_portal.history import history, texts
from iconm_portal.models import Center, HistoryEvent, Organisation, Role, User
from iconm_portal.people import actions
from tests.people import client_of
from tests.readers.markup import tight


@pytest.fixture
def client(city_staff: User) -> Client:
    return client_of(city_staff)


@pytest.fixture
def of_rights(administrator: User) -> Client:
    return client_of(administrator)


def make_event(at: datetime | None = None, **fields: Any) -> HistoryEvent:
    return HistoryEvent.objects.create(
        **{
            "at": at or timezone.now(),
            "actor": "city-staff",
            "actor_name": "名前",
            "action": "report.submit",
            "center": "lab",
            "subject": "kpi.report/lab/plan/2022/1",
            "subject_label": "計画 令和4年度 実績報告",
        }
        | fields
    )


def shown(client: Client, **query: str) -> list[HistoryEvent]:
    return list(client.get(reverse("history"), query).context["table"].data)


# Writing


def test_a_failed_history_write_undoes_the_change(
    administrator: User, city_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**values: Any) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(HistoryEvent.objects, "create", fail)
    with pytest.raises(IntegrityError):
        actions.deactivate_person(person=city_staff, by=administrator)
    city_staff.refresh_from_db()
    assert city_staff.is_active


@pytest.mark.django_db(transaction=True)
def test_history_is_not_written_outside_a_transaction(administrator: User) -> None:
    with pytest.raises(RuntimeError):
        history.record(by=administrator, action="person.change", subject=administrator)
    assert not HistoryEvent.objects.exists()


@pytest.mark.django_db
def test_an_event_concerns_either_a_center_or_an_organisation(administrator: User, center: Center) -> None:
    for both_or_none in ({}, {"center": center, "organisation": administrator.organisation}):
        with pytest.raises(ValueError, match="either a center or an organisation"):
            history.record(by=administrator, action="person.change", subject=administrator, **both_or_none)
    assert not HistoryEvent.objects.exists()


@pytest.mark.django_db
def test_an_event_names_a_person_or_a_source() -> None:
    with pytest.raises(IntegrityError, match="someone_or_source"), transaction.atomic():
        make_event(actor="")


def test_an_event_keeps_the_names_of_its_day(administrator: User, city_staff: User) -> None:
    actions.deactivate_person(person=city_staff, by=administrator)
    User.objects.update(name="後の名前")
    assert HistoryEvent.objects.get().actor_name == "名前 administrator"


def test_only_what_changed_is_recorded() -> None:
    assert history.changed({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ({"b": 2}, {"b": 3, "c": 4})


# Showing


def test_administrators_see_the_rights_of_their_people_and_nothing_else(
    of_rights: Client, center: Center, foreign_center: Center
) -> None:
    make_event()
    of_people = make_event(center="", organisation="foundation")
    make_event(center="foreign-lab")
    make_event(center="", organisation="foreign-city")
    make_event(center="", organisation="")
    assert shown(of_rights) == [of_people]


def test_each_filter_narrows(client: Client) -> None:
    early = make_event(at=datetime(2022, 3, 31, 14, 59, tzinfo=UTC))  # 23:59 in Japan
    late = make_event(
        at=datetime(2022, 3, 31, 15, 0, tzinfo=UTC),  # 0:00 on 1 April in Japan
        actor="foundation-staff",
        subject="kpi.record/lab/ventures/1",
        subject_label="田中（ＫＰＩ）",
        action="record.add",
    )
    assert shown(client, person="city-staff") == [early]
    assert shown(client, center="lab") == [late, early]
    assert shown(client, subject="kpi.record/lab") == [late]
    assert shown(client, subject="（ＫＰＩ）") == [late]
    assert shown(client, begin="令和4年4月1日") == [late]
    assert shown(client, end="R4.3.31") == [early]
    assert shown(client, begin="2022-03-31", end="2022-04-01") == [late, early]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"begin": "きのう"}, "begin"),
        ({"end": "99999-01-01"}, "end"),
        ({"begin": "2022-04-02", "end": "2022-04-01"}, "end"),
        ({"person": "foreign-city-staff"}, "person"),
        ({"center": "foreign-lab"}, "center"),
        ({"subject": "a" * 201}, "subject"),
    ],
)
def test_a_wrong_filter_is_named_and_shows_nothing(
    client: Client, foreign_city_staff: User, query: dict[str, str], field: str
) -> None:
    make_event()
    answer = client.get(reverse("history"), query)
    assert list(answer.context["filter"].form.errors) == [field]
    assert len(answer.context["table"].data) == 0


@pytest.mark.parametrize("day", ["1868-01-25", "2999-12-31"])
def test_the_first_and_the_last_day_that_can_be_written(client: Client, day: str) -> None:
    assert client.get(reverse("history"), {"begin": day, "end": day}).status_code == 200


def test_it_is_paged_with_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    events = [
        HistoryEvent(action="report.submit", actor="someone", center="lab", subject_label=f"報告 {number}")
        for number in range(3_000)
    ]
    HistoryEvent.objects.bulk_create(events)
    with django_assert_max_num_queries(8):
        first = client.get(reverse("history")).content.decode()
    assert "報告 2999<" in first
    assert "報告 2949<" not in first
    assert "報告 2949<" in client.get(reverse("history"), {"page": "2"}).content.decode()


def test_changes_are_readable_on_the_page(
    of_rights: Client, administrator: User, foundation: Organisation
) -> None:
    issued = actions.create_person(
        username="tanaka",
        name="<b>田中</b>",
        email="",
        organisation=foundation,
        role=Role.VIEWER,
        by=administrator,
    )
    actions.change_person(
        person=issued.person,
        version=1,
        name="田中",
        email="",
        organisation=foundation,
        role=Role.STAFF,
        by=administrator,
    )
    of_rights.cookies["django_language"] = "en"
    page = tight(of_rights.get(reverse("history")).content.decode())
    assert "Role:<del" in page
    assert ">Viewer</del>→<ins" in page
    assert "&lt;b&gt;田中&lt;/b&gt;" in page


# In words


def said(event: HistoryEvent) -> list[tuple[str, str, str]]:
    with translation.override("en"):
        return [(change.label, change.before, change.after) for change in texts.changes(event)]


def test_fields_choices_days_figures_and_nested_values_are_put_into_words() -> None:
    event = HistoryEvent(
        subject="kpi.report/lab/plan/2022/1",
        before={
            "as_of": "2022-03-31",
            "state": "draft",
            "trials": None,
            "patents": {"value": "5", "note": ""},
        },
        after={
            "as_of": "2022-11-30",
            "state": "submitted",
            "trials": {"value": "438802000", "certainty": "forecast"},
            "patents": {"value": "5", "note": ""},
            "patents.files": ["a.pdf", "b.pdf"],
        },
    )
    assert said(event) == [
        ("State", "Draft", "Submitted"),
        ("As of", "31 March 2022", "30 November 2022"),
        ("patents.Files", "", "a.pdf, b.pdf"),
        ("trials / Value", "", "438,802,000"),
        ("trials / Certainty", "", said_certainty()),
    ]


def test_the_order_of_what_was_recorded_is_the_models_whatever_the_database_keeps() -> None:
    """PostgreSQL sorts the keys of a state by their length."""
    after = {"state": "draft", "as_of": "2022-03-31", "revision": 2, "x": 1}
    orders = [after, dict(reversed(after.items())), dict(sorted(after.items(), key=lambda one: len(one[0])))]
    events = [HistoryEvent(subject="kpi.report/lab/plan/2022/1", before={}, after=one) for one in orders]
    assert said(events[0]) == said(events[1]) == said(events[2])


def said_certainty() -> str:
    event = HistoryEvent(subject="kpi.report/x", before={}, after={"certainty": "forecast"})
    (_label, _before, after) = said(event)[0]
    assert after != "forecast"
    return after


def test_a_code_has_its_word_whichever_field_of_that_name_knows_it() -> None:
    """A duty was 「accepted」 beside one that was 下書き: the first field of the name did not know the code."""
    event = HistoryEvent(
        subject="agreements.duty/lab/basic/obligations/report/2025",
        before={"state": "draft", "report": {"outcome": "unchanged"}},
        after={"state": "accepted", "report": {"outcome": "new_rule"}},
    )
    words = [(before, after) for _label, before, after in said(event)]
    assert words == [("Draft", "Accepted"), ("stays as it is", "falls due otherwise")]


@pytest.mark.parametrize("subject", ["", "nothing", "gone.thing/1", "a.b.c/d"])
def test_an_event_about_what_no_longer_exists_is_still_readable(subject: str) -> None:
    event = HistoryEvent(subject=subject, action="gone.vanish", before={"x": 2}, after={"x": True, "y": "0"})
    assert said(event) == [("x", "2", "yes"), ("y", "", "0")]
    assert texts.verb(event) == "gone.vanish"


def test_several_things_with_parts_of_their_own_are_read_as_text() -> None:
    event = HistoryEvent(
        subject="kpi.pack/lab/1",
        before={},
        after={"sections": [{"key": "gone", "comment": ""}, {"key": "balance", "comment": "注"}]},
    )
    assert said(event) == [("Sections", "", "gone, 収支状況 注")]


def test_what_was_cleared_says_so(client: Client) -> None:
    """A reader took 代表者：三浦 for what was entered."""
    HistoryEvent.objects.create(
        action="party.set",
        actor="someone",
        center="lab",
        subject="agreements.agreement/lab/basic",
        subject_label="協定",
        before={"operator": {"representative": "三浦 淳"}},
        after={"operator": {"representative": ""}},
    )
    page = tight(client.get(reverse("history")).content.decode())
    assert '<dellang="ja">三浦淳</del>→<ins>空欄</ins>' in page.replace(" ", "")
