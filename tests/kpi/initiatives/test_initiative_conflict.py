"""Two people on an activity's year: the second sees both texts, chooses on purpose, and loses nothing."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from iconm_portal.models import Center, HistoryEvent, Role, User
from iconm_portal.settlement import version_lock
from kpi.models import Initiative, InitiativeYear
from tests.builders.entry_pages import form_of
from tests.builders.initiatives import make_category, make_scheme, make_year
from tests.people import client_of, make_person
from tests.unguarded import lifted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("autumn", "in_english")]
FORM = "/lab/initiatives/2026/main/funding/a0/"
ROUNDS = 5


@pytest.fixture
def activity(center: Center) -> Initiative:
    return make_category(make_scheme(center)).initiatives.get()


@pytest.fixture
def clients(center: Center) -> list[Client]:
    people = [make_person(name, center.operator, Role.STAFF) for name in ("sato", "suzuki")]
    clients = [client_of(person) for person in people]
    for client in clients:
        client.cookies["django_language"] = "en"
    return clients


def opened(client: Client) -> dict[str, str]:
    return form_of(client.get(FORM), holds="plan")


def stored() -> tuple[str, str]:
    row = InitiativeYear.objects.get()
    return row.plan, row.result


def overtaken(clients: list[Client], first: dict[str, str], second: dict[str, str]) -> HttpResponse:
    """Both open the page; one saves, then the other: what the second is answered."""
    pages = [opened(client) for client in clients]
    assert clients[0].post(FORM, pages[0] | first).status_code == 302
    return clients[1].post(FORM, pages[1] | second)


def test_without_a_choice_the_second_save_does_not_go_through(
    activity: Initiative, clients: list[Client]
) -> None:
    answer = overtaken(clients, {"plan": "先の計画\n二行目"}, {"plan": "後の計画"})
    for _time in range(2):
        assert answer.status_code == 409
        page = answer.content.decode()
        assert "先の計画" in page
        assert "後の計画" in page
        assert "plan" in answer.context["form"].errors
        again = form_of(answer, holds="plan")
        assert "plan-choice" not in again
        answer = clients[1].post(FORM, again)
    assert stored() == ("先の計画\n二行目", "")


@pytest.mark.parametrize(("choice", "kept"), [("mine", "後の計画"), ("stored", "先の計画")])
def test_the_choice_is_kept_and_the_history_keeps_both(
    activity: Initiative, clients: list[Client], choice: str, kept: str
) -> None:
    answer = overtaken(clients, {"plan": "先の計画"}, {"plan": "後の計画", "result": "半分できた"})
    again = form_of(answer, holds="plan") | {"plan-choice": choice}
    assert clients[1].post(FORM, again).status_code == 302
    assert stored() == (kept, "半分できた")
    assert "先の計画" in str(list(HistoryEvent.objects.values_list("before", "after")))


def test_what_only_the_other_wrote_is_taken_over_and_said(
    activity: Initiative, clients: list[Client], foundation_staff: User
) -> None:
    make_year(activity, 2026, by=foundation_staff, plan="計画", result="")
    answer = overtaken(clients, {"plan": "書き直した計画"}, {"result": "できた"})
    again = form_of(answer, holds="plan")
    assert answer.status_code == 409
    assert (again["plan"], again["result"]) == ("書き直した計画", "できた")
    assert "changed meanwhile" in answer.content.decode()
    assert clients[1].post(FORM, again).status_code == 302
    assert stored() == ("書き直した計画", "できた")


def test_a_third_save_in_between_is_put_to_the_choice_again(
    activity: Initiative, clients: list[Client]
) -> None:
    again = form_of(overtaken(clients, {"plan": "一番目"}, {"plan": "二番目"}), holds="plan")
    assert clients[0].post(FORM, opened(clients[0]) | {"plan": "三番目"}).status_code == 302
    answer = clients[1].post(FORM, again | {"plan-choice": "mine"})
    assert answer.status_code == 409
    assert "三番目" in answer.content.decode()
    assert form_of(answer, holds="plan")["plan"] == "二番目"
    assert stored() == ("三番目", "")


def test_a_refused_field_does_not_make_the_other_save_forgotten(
    activity: Initiative, clients: list[Client]
) -> None:
    """What was wrong is put right on a page that was made before the other one saved."""
    pages = [opened(client) for client in clients]
    clients[0].post(FORM, pages[0] | {"plan": "先の計画"})
    refused = clients[1].post(FORM, pages[1] | {"plan": "後の計画", "result": "あ" * 4001})
    assert refused.status_code == 400
    answer = clients[1].post(FORM, form_of(refused, holds="plan") | {"result": ""})
    assert answer.status_code == 409
    assert stored() == ("先の計画", "")


# At the same moment, on real connections


def raced(clients: list[Client], pages: list[dict[str, str]]) -> list[int]:
    """What each is answered who sends their page; all begin at the same moment."""
    start, answers = threading.Barrier(len(clients)), [0] * len(clients)

    def send(number: int) -> None:
        try:
            start.wait(timeout=30)
            answers[number] = clients[number].post(FORM, pages[number]).status_code
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def typed(clients: list[Client], turn: int) -> list[dict[str, str]]:
    return [opened(client) | {"plan": f"{turn}-{name}"} for name, client in enumerate(clients)]


def test_of_two_who_save_at_once_one_wins_and_the_other_is_asked(
    activity: Initiative, clients: list[Client]
) -> None:
    for turn in range(ROUNDS):  # the first one begins the year, the others change it
        answers = raced(clients, typed(clients, turn))
        assert sorted(answers) == [302, 409]
        assert stored()[0] == f"{turn}-{answers.index(302)}"
    assert InitiativeYear.objects.get().version == ROUNDS


def test_without_the_version_both_are_told_that_they_saved(
    activity: Initiative, clients: list[Client], foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the race above is real, and it is the version that decides it. The database asks for the next one too."""
    make_year(activity, 2026, by=foundation_staff, plan="計画", result="")
    monkeypatch.setattr(version_lock, "write", ignoring_the_version)
    with lifted():
        assert raced(clients, typed(clients, 1)) == [302, 302]


def ignoring_the_version(item: InitiativeYear, version: int, **changes: Any) -> InitiativeYear:
    """As `get()` and `save()` would do it: whoever comes, comes through."""
    for name, value in changes.items():
        setattr(item, name, value)
    item.version = version + 1
    item.save()
    return item
