"""The staff of both sides prepare the agreements' master data: agreements not yet concluded, and the obligations of all."""

import dataclasses
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import CheckConstraint
from django.test import Client

from agreements.models import Agreement, Edition, Obligation
from agreements.pages.master import actions, forms
from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import (
    DRAFT_PLAN,
    make_agreement,
    make_edition,
    make_obligation,
    make_provision,
    proposed_annual,
    store,
)
from tests.builders.plans import tokyo
from tests.people import LogIn, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

NEW = "/lab/master/agreements/new/"
AGREEMENT: dict[str, Any] = {
    "code": "basic-r9",
    "kind": "basic",
    "title": "基本協定書",
    "short_title": "基本協定（令和9年）",
    "starts_on": "令和9年4月1日",
    "ends_on": "R14.3.31",
    "review_on": "2030-03-31",
}
OBLIGATION: dict[str, Any] = {
    "code": "next-plan",
    "title": "翌年度の計画と予算の案",
    "bound": "operator",
    "way": "operator_decides",
    "timing": "yearly",
    "due_month": "8",
    "due_day": "31",
    "due_year_offset": "-1",
    "first_year": "R5",
    "documents": "事業実施計画書（案）\n\n　収支予算書（案）　\n",
}


@pytest.fixture
def client(city_staff: User) -> Client:
    client = client_of(city_staff)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def draft(center: Center) -> Agreement:
    return make_agreement(center, code="draft", concluded=None)


def send(client: Client, address: str, typed: dict[str, Any]) -> Any:
    return client.post(address, {k: v for k, v in typed.items() if v is not None})


def as_typed(client: Client, address: str, **changed: Any) -> dict[str, Any]:
    """What the page's form would send, with some fields changed."""
    form = client.get(address).context["form"]
    return {field.name: field.value() for field in form if field.value() is not None} | changed


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 400, answer.status_code
    return dict(answer.context["form"].errors)


# -- Agreements --


def test_a_new_agreement_has_an_empty_edition_and_a_history(
    client: Client, center: Center, city_staff: User
) -> None:
    answer = send(client, NEW, AGREEMENT)
    assert answer["Location"] == "/lab/master/agreements/basic-r9/"
    made = Agreement.objects.get(code="basic-r9")
    assert (made.starts_on, made.ends_on) == (date(2027, 4, 1), date(2032, 3, 31))
    assert made.recorded_by == city_staff
    edition = made.editions.get()
    assert (edition.number, edition.in_force_from, edition.provisions.count()) == (1, made.starts_on, 0)
    event = HistoryEvent.objects.get()
    assert (event.action, event.actor, event.center) == ("agreement.create", "city-staff", "lab")
    assert event.after["title"] == "基本協定書"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "Basic-R9"}, "code"),
        ({"code": "new"}, "code"),
        ({"code": "draft"}, "code"),
        ({"code": ""}, "code"),
        ({"kind": "annual"}, "kind"),
        ({"title": ""}, "title"),
        ({"title": "協" * 201}, "title"),
        ({"starts_on": "令和9年2月30日"}, "starts_on"),
        ({"ends_on": "2027-03-31"}, "ends_on"),
        ({"review_on": "2027-03-31"}, "review_on"),
        ({"parent": "999999"}, "parent"),
        ({"replaces": "x"}, "replaces"),
    ],
)
def test_what_is_refused_of_an_agreement(
    client: Client, draft: Agreement, typed: dict[str, str], field: str
) -> None:
    answer = send(client, NEW, AGREEMENT | typed)
    assert list(errors(answer)) == [field]
    assert "基本協定（令和9年）" in answer.content.decode(), "what was typed stays"
    assert Agreement.objects.count() == 1
    assert not HistoryEvent.objects.exists()


def test_the_refusal_is_said_in_the_reader_s_language(client: Client) -> None:
    client.cookies["django_language"] = "ja"
    answer = client.post(NEW, AGREEMENT | {"ends_on": "2027-03-31"})
    assert "開始日以後" in answer.context["form"].errors["ends_on"][0]


def test_a_draft_is_changed_and_its_edition_begins_with_it(client: Client, draft: Agreement) -> None:
    make_edition(draft)
    page = "/lab/master/agreements/draft/"
    answer = send(client, page, as_typed(client, page, starts_on="R5.4.1", summary="要旨"))
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.starts_on, draft.summary) == (date(2023, 4, 1), "要旨")
    assert Edition.objects.get().in_force_from == date(2023, 4, 1)
    event = HistoryEvent.objects.get(action="agreement.change")
    assert event.before == {"starts_on": "2022-04-01", "summary": ""}
    assert event.after == {"starts_on": "2023-04-01", "summary": "要旨"}


def test_saving_without_a_change_leaves_no_trace(client: Client, draft: Agreement) -> None:
    page = "/lab/master/agreements/draft/"
    assert send(client, page, as_typed(client, page)).status_code == 302
    assert not HistoryEvent.objects.exists()


def test_no_agreement_stands_under_itself(client: Client, draft: Agreement, center: Center) -> None:
    below = make_agreement(center, code="below", concluded=None, parent=draft)
    page = "/lab/master/agreements/draft/"
    assert list(errors(send(client, page, as_typed(client, page, parent=str(draft.pk))))) == ["parent"]
    assert list(errors(send(client, page, as_typed(client, page, parent=str(below.pk))))) == ["parent"]


def test_an_agreement_of_another_center_is_no_parent(
    client: Client, draft: Agreement, foreign_center: Center
) -> None:
    page = "/lab/master/agreements/draft/"
    foreign = make_agreement(foreign_center, code="foreign")
    assert list(errors(send(client, page, as_typed(client, page, parent=str(foreign.pk))))) == ["parent"]


def test_what_is_concluded_is_not_changed(client: Client, center: Center, city_staff: User) -> None:
    make_agreement(center)
    page = client.get("/lab/master/agreements/basic/")
    assert page.context["form"] is None
    assert "changed by an amendment" in page.content.decode()
    forced = send(client, "/lab/master/agreements/basic/", AGREEMENT | {"title": "別の協定"})
    assert "changed by an amendment" in errors(forced)["__all__"][0]
    assert Agreement.objects.get().title == "協定書 basic"


def test_the_second_of_two_is_told_and_loses_nothing(
    client: Client, draft: Agreement, city_staff: User
) -> None:
    page = "/lab/master/agreements/draft/"
    first, second = as_typed(client, page, title="先の題名"), as_typed(client, page, title="後の題名")
    assert send(client, page, first).status_code == 302
    answer = send(client, page, second)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "先の題名" in text
    assert 'value="後の題名"' in text
    assert Agreement.objects.get().title == "先の題名"
    again = {field.name: field.value() for field in answer.context["form"] if field.value() is not None}
    assert send(client, page, again).status_code == 302, "saved again, knowing it, it holds"
    assert Agreement.objects.get().title == "後の題名"


def test_a_proposed_annual_agreement_is_not_shown(client: Client, center: Center, city_staff: User) -> None:
    parent = make_agreement(center, code="support", kind="research_support")
    made = proposed_annual(parent, by=city_staff)
    assert made.short_title not in client.get("/lab/master/").content.decode()
    assert client.get(f"/lab/master/agreements/{made.code}/").status_code == 404


# -- Obligations --


def test_an_obligation_is_added_with_its_documents(client: Client, draft: Agreement) -> None:
    provision = make_provision(make_edition(draft), "art8")
    answer = send(client, OBLIGATIONS + "new/", OBLIGATION | {"provision": str(provision.pk)})
    assert answer["Location"] == "/lab/master/agreements/draft/"
    made = Obligation.objects.get()
    assert (made.provision, made.due_month, made.due_day, made.due_year_offset) == (provision, 8, 31, -1)
    assert made.first_year == FiscalYear(2023)
    documents = [(one.code, one.name) for one in made.required_documents.all()]
    assert documents == [("document-1", "事業実施計画書（案）"), ("document-2", "収支予算書（案）")]
    event = HistoryEvent.objects.get(action="obligation.create")
    assert event.after["documents"] == ["事業実施計画書（案）", "収支予算書（案）"]
    client.cookies["django_language"] = "ja"
    page = client.get("/lab/master/agreements/draft/").content.decode()
    assert "対象年度の前年の8月31日（" in page


OBLIGATIONS = "/lab/master/agreements/draft/obligations/"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "Next"}, "code"),
        ({"code": "new"}, "code"),
        ({"code": "draft-plan"}, "code"),
        ({"due_month": "2"}, "due_day"),
        ({"due_month": "4"}, "due_day"),
        ({"due_month": "13"}, "due_month"),
        ({"due_month": "9" * 30}, "due_month"),
        ({"due_month": "八"}, "due_month"),
        ({"due_day": "0"}, "due_day"),
        ({"due_day": ""}, "due_day"),
        ({"due_month": ""}, "due_month"),
        ({"timing": "once"}, "due_month"),
        ({"due_year_offset": "9"}, "due_year_offset"),
        ({"due_on": "R5.3.31"}, "due_on"),
        ({"last_year": "R4"}, "last_year"),
        ({"last_year": "いつか"}, "last_year"),
        ({"bound": "somebody"}, "bound"),
        ({"title": " "}, "title"),
        ({"documents": "書類\n書類"}, "documents"),
        ({"documents": "書" * 121}, "documents"),
        ({"documents": "\n".join(map(str, range(31)))}, "documents"),
        ({"provision": "999999"}, "provision"),
    ],
)
def test_what_is_refused_of_an_obligation(
    client: Client, draft: Agreement, typed: dict[str, str], field: str
) -> None:
    make_obligation(draft, DRAFT_PLAN)
    answer = send(client, OBLIGATIONS + "new/", OBLIGATION | typed)
    assert list(errors(answer)) == [field]
    assert "収支予算書" in answer.content.decode() or field == "documents"
    assert Obligation.objects.count() == 1
    assert not HistoryEvent.objects.exists()


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "対象年度の前年の8月31日"), ("en", "31 August of the year before")]
)
def test_the_rule_is_said_in_words_before_it_is_saved(
    client: Client, draft: Agreement, language: str, said: str
) -> None:
    client.cookies["django_language"] = language
    typed = OBLIGATION | {"preview": "1"}
    answer = client.post(OBLIGATIONS + "new/", typed)
    assert said in answer.content.decode()
    assert not Obligation.objects.exists()


def test_a_provision_of_another_agreement_is_refused(
    draft: Agreement, city_staff: User, center: Center
) -> None:
    other = make_provision(make_edition(make_agreement(center, code="other")))
    facts = actions.ObligationFacts("報告", "operator", "review", "yearly", provision=other)
    with pytest.raises(Exception, match="provision of this agreement"):
        actions.add_obligation(agreement=draft, code="report", facts=facts, by=city_staff)


def test_all_that_says_when_it_falls_due_is_asked_for_and_held() -> None:
    """What a rule needs is a field of the model whose name begins with `due_`."""
    needed = {field.name for field in Obligation._meta.concrete_fields if field.name.startswith("due_")}
    known = {field.name for field in dataclasses.fields(actions.ObligationFacts)}
    assert needed <= known, "ObligationFacts does not have it"
    assert needed <= set(forms.ObligationForm.base_fields), "ObligationForm does not ask for it"
    assert known - {"title", "provision", "deed", "first_year", "last_year"} == set(actions.RULE)
    refused = {
        constraint.name
        for constraint in Obligation._meta.constraints
        if isinstance(constraint, CheckConstraint) and constraint.name.startswith("agreements_obligation_due")
    }
    assert refused <= set(actions._SAID_AT), "it is not known at which field to say what is refused"


def test_a_rule_is_changed_as_long_as_no_duty_is_stored(client: Client, draft: Agreement) -> None:
    made = make_obligation(draft, DRAFT_PLAN, documents=2)
    kept = made.required_documents.get(name="書類2")
    page = f"{OBLIGATIONS}draft-plan/"
    typed = as_typed(client, page, due_month="9", due_day="30", documents="計画書\n書類2")
    assert send(client, page, typed).status_code == 302
    made.refresh_from_db()
    assert (made.due_month, made.due_day) == (9, 30)
    assert [one.name for one in made.required_documents.all()] == ["計画書", "書類2"]
    assert made.required_documents.get(name="書類2").pk == kept.pk
    event = HistoryEvent.objects.get(action="obligation.change")
    assert event.before == {"due_month": 8, "due_day": 31, "documents": ["書類1", "書類2"]}
    assert event.after == {"due_month": 9, "due_day": 30, "documents": ["計画書", "書類2"]}


@pytest.fixture
def stored(center: Center, city_staff: User) -> Obligation:
    """Of a concluded agreement, with a duty of 2025 stored."""
    made = make_obligation(make_agreement(center), documents=1)
    store(center, 2026, by=city_staff)
    return made


STORED = "/lab/master/agreements/basic/obligations/report/"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bound", "both"),
        ("way", "joint"),
        ("timing", "on_request"),
        ("due_month", "7"),
        ("documents", "別の書類"),
    ],
)
def test_the_rule_stays_once_a_duty_is_stored(
    client: Client, stored: Obligation, name: str, value: str
) -> None:
    answer = send(client, STORED, as_typed(client, STORED) | {name: value})
    refused = errors(answer)
    assert "last fiscal year" in refused[name][0]
    stored.refresh_from_db()
    assert (stored.bound, stored.due_month, stored.timing) == ("operator", 5, "yearly")
    assert not HistoryEvent.objects.filter(action="obligation.change").exists()


def test_the_title_and_the_last_year_are_mended_all_the_same(client: Client, stored: Obligation) -> None:
    assert "due_month" not in client.get(STORED).context["form"].fields
    answer = send(client, STORED, as_typed(client, STORED, title="報告書の提出", last_year="R8"))
    assert answer.status_code == 302
    stored.refresh_from_db()
    assert (stored.title, stored.last_year, stored.due_month) == ("報告書の提出", FiscalYear(2026), 5)
    assert stored.required_documents.count() == 1


def test_it_does_not_end_before_a_stored_duty(client: Client, stored: Obligation) -> None:
    answer = send(client, STORED, as_typed(client, STORED, last_year="R5"))
    assert list(errors(answer)) == ["last_year"]


def test_a_duty_stored_meanwhile_is_noticed(client: Client, center: Center, city_staff: User) -> None:
    make_obligation(make_agreement(center))
    typed = as_typed(client, STORED, due_month="7")
    store(center, 2026, by=city_staff)
    assert "due_month" in errors(send(client, STORED, typed))


def test_the_second_of_two_keeps_what_they_typed_of_an_obligation(client: Client, draft: Agreement) -> None:
    make_obligation(draft, DRAFT_PLAN)
    page = f"{OBLIGATIONS}draft-plan/"
    first, second = as_typed(client, page, due_day="30"), as_typed(client, page, due_day="29")
    assert send(client, page, first).status_code == 302
    answer = send(client, page, second)
    assert answer.status_code == 409
    assert answer.context["form"]["due_day"].value() == "29"
    assert "30" in answer.context["form"].errors["due_day"][0]
    assert Obligation.objects.get().due_day == 30


# -- Who, and how much --


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_the_actions_refuse_everyone_else(
    who: str, draft: Agreement, center: Center, request: pytest.FixtureRequest
) -> None:
    by = request.getfixturevalue(who)
    made = make_obligation(draft)
    facts = actions.AgreementFacts("basic", "協定", "協定", date(2027, 4, 1))
    what = actions.ObligationFacts("報告", "operator", "review", "yearly")
    steps = [
        lambda: actions.create_agreement(
            center=center, code="x", facts=facts, by=by, at=tokyo(date(2026, 11, 24))
        ),
        lambda: actions.change_agreement(agreement=draft, seen="", facts=facts, by=by),
        lambda: actions.add_obligation(agreement=draft, code="x", facts=what, by=by),
        lambda: actions.change_obligation(obligation=made, seen="", facts=what, by=by),
    ]
    for step in steps:
        with pytest.raises(PermissionDenied):
            step()


def test_the_staff_of_both_sides_find_it_in_the_navigation(
    center: Center, log_in: LogIn, city_staff: User, foundation_staff: User
) -> None:
    for person in (city_staff, foundation_staff):
        page = log_in(person).get("/lab/agreements/").content.decode()
        assert 'href="/lab/master/"' in page
        assert log_in(person).get("/lab/master/").status_code == 200


def test_nobody_else_finds_or_opens_it(
    center: Center, log_in: LogIn, city_viewer: User, administrator: User
) -> None:
    assert "/lab/master/" not in log_in(city_viewer).get("/lab/agreements/").content.decode()
    assert "/lab/master/" not in log_in(administrator).get("/people/").content.decode()
    for person in (city_viewer, administrator):
        assert log_in(person).get("/lab/master/").status_code == 403


def test_it_says_what_to_do_where_nothing_is_entered(client: Client, center: Center) -> None:
    page = client.get("/lab/master/").content.decode()
    assert "Enter the first one" in page


@pytest.mark.parametrize("number", [1, 8])
def test_query_count_is_constant(
    client: Client, center: Center, number: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(number):
        agreement = make_agreement(center, code=f"basic-{n}" if n else "basic")
        edition = make_edition(agreement)
        for m in range(number):
            make_obligation(
                agreement,
                code=f"report-{m}" if m else "report",
                provision=make_provision(edition, f"art{m + 1}"),
            )
    for page in ("/lab/master/", "/lab/master/agreements/basic/", STORED):
        with django_assert_max_num_queries(19):
            assert client.get(page).status_code == 200
