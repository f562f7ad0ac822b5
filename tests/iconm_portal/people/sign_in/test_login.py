"""Logging in and out, lockout, one's own password, the reset by mail."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from iconm_portal.models import AuditEvent, AuditKind, Center, HistoryEvent, Organisation, User
from iconm_portal.people.sign_in import password_mails
from tests.builders.second_factor import code_now, code_step, with_app
from tests.people import PASSWORD, client_of, make_person

OTHER = "quite another password"


def try_login(client: Client, username: str, password: str = PASSWORD, **extra: str) -> int:
    answer = client.post(reverse("login"), {"username": username, "password": password}, **extra)
    return answer.status_code


def test_login_leads_to_where_one_wanted_to_go(client: Client, city_staff: User) -> None:
    to_login = client.get("/lab/reports/")
    answer = client.post(to_login.headers["Location"], {"username": "city-staff", "password": PASSWORD})
    assert answer.headers["Location"] == "/lab/reports/"


def test_login_leads_to_no_other_site(client: Client, city_staff: User) -> None:
    answer = client.post(
        reverse("login") + "?next=https://evil.example/", {"username": "city-staff", "password": PASSWORD}
    )
    assert answer.headers["Location"] == reverse("home")


def test_a_user_name_is_read_as_it_is_typed(client: Client, city_staff: User) -> None:
    assert try_login(client, " Ｃｉｔｙ－Ｓｔａｆｆ") == 302


@pytest.mark.parametrize(
    ("username", "password"),
    [("city-staff", "wrong"), ("nobody", PASSWORD), ("a" * 500, "x"), ("a\x00", "x")],
)
def test_a_wrong_login_is_told_and_stays_out(
    client: Client, city_staff: User, username: str, password: str
) -> None:
    assert try_login(client, username, password) == 200
    assert "_auth_user_id" not in client.session


def test_a_login_has_a_session_of_its_own(client: Client, city_staff: User) -> None:
    """Whatever key the browser came with: one that somebody else chose opens nothing."""
    client.get(reverse("login"))
    client.cookies["sessionid"] = "a" * 32
    assert try_login(client, "city-staff") == 302
    first = client.session.session_key
    client.get("/")
    assert client.session.session_key == first != "a" * 32
    client.post(reverse("logout"))
    assert try_login(client, "city-staff") == 302
    second = client.session.session_key
    assert second not in (first, None)
    assert not SessionStore().exists(first), "the former is over"


def test_a_session_key_is_drawn_from_more_than_anybody_tries(
    client: Client, city_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Letter by letter from the system's own source of chance."""
    drawn: list[str] = []
    of_the_system = secrets.choice

    def choice(letters: str) -> str:
        drawn.append(letters)
        return of_the_system(letters)

    monkeypatch.setattr("django.utils.crypto.secrets.choice", choice)
    try_login(client, "city-staff")
    key = client.session.session_key
    assert key is not None
    assert len(drawn) >= len(key)
    assert len(set(drawn[0])) ** len(key) > 2**128


@pytest.mark.parametrize("typed", [OTHER.upper(), f" {OTHER}", f"{OTHER} ", OTHER[:-1], f"{OTHER}x"])
def test_a_password_is_taken_letter_by_letter(client: Client, city_staff: User, typed: str) -> None:
    city_staff.set_password(OTHER)
    city_staff.save()
    assert try_login(client, "city-staff", typed) == 200
    assert try_login(client, "city-staff", OTHER) == 302


def test_spaces_around_a_password_and_a_long_one_are_kept(client: Client, city_staff: User) -> None:
    own = "  梅雨空に傘ひとつ歩く鴎かな quite another password " + "Zq7-" * 30 + " "
    assert len(own) > 128
    assert change(client_of(city_staff), new=own) == []
    assert try_login(client, "city-staff", own) == 302


def test_a_password_lasts_as_long_as_nobody_changes_it(client: Client, city_staff: User) -> None:
    with time_machine.travel(datetime(2045, 6, 2, tzinfo=UTC), tick=False):
        assert try_login(client, "city-staff") == 302
        assert client.get("/").headers["Location"] == "/lab/", "nobody is asked for a new one"


def test_the_name_and_the_password_stand_in_no_address(client: Client, city_staff: User) -> None:
    """What is asked for in the address is not what was sent in the form."""
    typed = {"username": "city-staff", "password": PASSWORD}
    assert client.post(reverse("login", query=typed)).status_code == 200
    assert "_auth_user_id" not in client.session
    assert 'method="post"' in client.get(reverse("login")).content.decode()


def test_password_fields_are_masked_and_left_to_password_managers(client: Client, city_staff: User) -> None:
    pages = client.get(reverse("login")), client_of(city_staff).get(reverse("password_change"))
    fields = [
        tag
        for page in pages
        for tag in re.findall(r'<input[^>]*name="[^"]*password[^>]*>', page.content.decode())
    ]
    assert len(fields) == 4
    for tag in fields:
        assert 'type="password"' in tag
        assert re.search(r'autocomplete="(current|new)-password"', tag)
    scripts = {
        name for page in pages for name in re.findall(r'<script src="/static/([^"]+)"', page.content.decode())
    }
    assert scripts
    static = Path(__file__).parents[4] / "static"
    assert not [name for name in scripts if "paste" in (static / name).read_text()]


def test_every_page_leads_out(center: Center, city_staff: User, administrator: User) -> None:
    out = f'<form method="post" action="{reverse("logout")}">'
    staff, keeper = client_of(city_staff), client_of(administrator)
    for client, address in (
        (staff, "/lab/"),
        (staff, "/lab/agreements/"),
        (staff, "/lab/nowhere/"),
        (staff, reverse("people")),
        (staff, reverse("password_change")),
        (keeper, reverse("people")),
        (keeper, reverse("audit")),
    ):
        assert out in client.get(address).content.decode(), address


def test_a_deactivated_person_cannot_log_in(client: Client, city_staff: User) -> None:
    city_staff.is_active = False
    city_staff.save()
    assert try_login(client, "city-staff") == 200


def test_a_deactivated_person_is_out_at_once(city_staff: User) -> None:
    client = client_of(city_staff)
    assert client.get(reverse("password_change")).status_code == 200
    User.objects.filter(pk=city_staff.pk).update(is_active=False)
    assert "login" in client.get(reverse("password_change")).headers["Location"]


@pytest.mark.parametrize("length", ["999999999999", "-1", "x", "²"])
def test_a_request_of_impossible_size_is_refused_unread(client: Client, length: str) -> None:
    assert client.post(reverse("login"), CONTENT_LENGTH=length).status_code == 413


def test_logout_needs_post(city_staff: User) -> None:
    client = client_of(city_staff)
    assert client.get(reverse("logout")).status_code == 405
    client.post(reverse("logout"))
    assert "_auth_user_id" not in client.session


def test_pages_need_a_login_and_health_does_not(client: Client, db: None) -> None:
    assert client.get("/people/").headers["Location"] == "/login/?next=/people/"
    assert client.get(reverse("health")).content == b"ok\n"


# One's own password


def change(client: Client, old: str = PASSWORD, new: str = OTHER, again: str | None = None) -> list[str]:
    """Try to change the password; the names of the fields with errors."""
    answer = client.post(
        reverse("password_change"),
        {"old_password": old, "new_password1": new, "new_password2": new if again is None else again},
    )
    return [] if answer.status_code == 302 else list(answer.context["form"].errors)


def test_a_temporary_password_opens_only_the_page_that_replaces_it(city_staff: User) -> None:
    city_staff.must_change_password = True
    city_staff.save()
    client = client_of(city_staff)
    for address in ("/", "/lab/", "/people/"):
        assert client.get(address).headers["Location"] == reverse("password_change")
    assert change(client) == []
    city_staff.refresh_from_db()
    assert not city_staff.must_change_password
    assert client.get("/").headers["Location"] == "/lab/", "still logged in"
    assert [event.action for event in HistoryEvent.objects.all()] == ["person.choose_password"]


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("wrong", OTHER, OTHER, "old_password"),
        (PASSWORD, "short", "short", "new_password1"),
        (PASSWORD, OTHER, "different one altogether", "new_password2"),
        (PASSWORD, "city-staff-city", "city-staff-city", "new_password1"),
        (PASSWORD, PASSWORD, PASSWORD, "new_password1"),
    ],
)
def test_a_bad_choice_is_refused(city_staff: User, old: str, new: str, again: str, field: str) -> None:
    assert field in change(client_of(city_staff), old, new, again)
    city_staff.refresh_from_db()
    assert city_staff.check_password(PASSWORD)


def test_guesses_at_the_present_password_are_limited_as_at_the_login(city_staff: User) -> None:
    client = client_of(city_staff)
    typed = {"old_password": "wrong", "new_password1": OTHER, "new_password2": OTHER}
    answers = [client.post(reverse("password_change"), typed).status_code for _time in range(9)]
    assert answers == [200] * 7 + [429] * 2
    assert client.post(reverse("password_change"), typed | {"old_password": PASSWORD}).status_code == 429
    assert AuditEvent.objects.filter(kind=AuditKind.FAILED, username="city-staff").count() == 8
    city_staff.refresh_from_db()
    assert city_staff.check_password(PASSWORD)


def test_other_sessions_end_with_the_old_password(city_staff: User) -> None:
    here, elsewhere = client_of(city_staff), client_of(city_staff)
    assert change(here) == []
    assert "login" in elsewhere.get("/").headers["Location"]


# By mail


@pytest.fixture
def by_mail(settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example.jp"


def ask(client: Client, address: str, **extra: Any) -> None:
    answer = client.post(reverse("password_reset"), {"email": address}, **extra)
    assert answer.headers["Location"] == reverse("password_reset_done"), "the same answer for every address"


def link_of(message: mail.EmailMessage) -> str:
    found = re.search(r"https://portal\.example\.jp(\S+)", message.body)
    assert found
    return found[1]


@pytest.mark.parametrize(("language", "word"), [("ja", "パスワード"), ("en", "new password")])
def test_a_mailed_link_lets_one_choose_a_password(
    client: Client, city_staff: User, by_mail: None, language: str, word: str
) -> None:
    client.cookies["django_language"] = language
    ask(client, "ＣＩＴＹ-staff@example.jp")
    (message,) = mail.outbox
    assert word in message.subject + message.body
    assert message.to == ["city-staff@example.jp"]
    form = client.get(link_of(message)).headers["Location"]
    answer = client.post(form, {"new_password1": OTHER, "new_password2": OTHER})
    assert answer.headers["Location"] == reverse("password_reset_complete")
    city_staff.refresh_from_db()
    assert city_staff.check_password(OTHER)
    assert HistoryEvent.objects.get().action == "person.choose_password"
    assert client.get(link_of(message)).context["validlink"] is False, "it works once"


def test_a_mailed_link_leads_not_past_the_second_factor(
    client: Client, city_staff: User, by_mail: None
) -> None:
    with_app(city_staff)
    ask(client, "city-staff@example.jp")
    form = client.get(link_of(mail.outbox[0])).headers["Location"]
    client.post(form, {"new_password1": OTHER, "new_password2": OTHER})
    assert "_auth_user_id" not in client.session, "to choose a password signs nobody in"
    answer = client.post(reverse("login"), {"username": city_staff.username, "password": OTHER})
    assert answer.headers["Location"] == reverse("second_step")
    assert "_auth_user_id" not in client.session
    code_step(client, code_now())
    assert "_auth_user_id" in client.session


def test_the_answer_takes_as_much_for_a_known_address_as_for_an_unknown_one(
    client: Client, city_staff: User, by_mail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks the database the same, and hands the rest to a worker, of whom nobody sees how long it takes."""
    handed: list[Any] = []
    queue = SimpleNamespace(enqueue=lambda *given: handed.append(given))
    monkeypatch.setattr(password_mails, "send", queue)

    def asked(address: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            ask(client, address)
        return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]

    ask(client, "first@example.jp")
    assert asked(city_staff.email) == asked("nobody@example.jp")
    assert handed[1:] == [([city_staff.pk], "reset", "ja"), ([], "reset", "ja")]
    assert mail.outbox == []


def test_one_address_of_two_people_is_written_to_twice(
    client: Client, city: Organisation, by_mail: None
) -> None:
    for name in ("first", "second"):
        make_person(name, city, email="office@example.jp")
    ask(client, "office@example.jp")
    assert len({message.body for message in mail.outbox}) == 2


def test_letters_that_only_databases_take_for_one_another_are_another_address(
    client: Client, city: Organisation, by_mail: None
) -> None:
    make_person("mike", city, email="mike@example.jp")
    ask(client, "mıke@example.jp")
    assert mail.outbox == []


def test_the_link_leads_to_the_portal_whatever_the_request_calls_it(
    client: Client, city_staff: User, by_mail: None, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    ask(client, city_staff.email, headers={"host": "evil.example"})
    assert "evil.example" not in mail.outbox[0].body
    assert link_of(mail.outbox[0])


def test_it_is_sent_three_times_an_hour_and_asked_for_as_often_as_one_likes(
    client: Client, city_staff: User, by_mail: None
) -> None:
    with time_machine.travel(datetime(2025, 6, 2, tzinfo=UTC), tick=False) as clock:
        for _time in range(10):
            ask(client, city_staff.email)
        assert len(mail.outbox) == 3
        clock.shift(timedelta(minutes=61))
        ask(client, city_staff.email)
        assert len(mail.outbox) == 4


def test_one_address_asks_for_at_most_twenty(client: Client, city: Organisation, by_mail: None) -> None:
    for number in range(25):
        ask(client, make_person(f"person-{number}", city).email)
    assert len(mail.outbox) == 20


@pytest.mark.parametrize(("mail_is_set", "url"), [(False, "https://portal.example.jp"), (True, "")])
def test_without_mail_the_page_says_whom_to_ask_and_nothing_is_written_anywhere(
    client: Client, city_staff: User, settings: Any, caplog: Any, mail_is_set: bool, url: str
) -> None:
    settings.MAIL_IS_SET, settings.PORTAL_URL = mail_is_set, url
    assert "所属団体のポータル管理者" in client.get(reverse("password_reset")).content.decode()
    answer = client.post(reverse("password_reset"), {"email": city_staff.email})
    assert "所属団体のポータル管理者" in answer.content.decode()
    assert mail.outbox == []
    assert "reset" not in caplog.text


def test_no_mail_goes_to_strangers_and_closed_accounts(
    client: Client, city_staff: User, by_mail: None
) -> None:
    city_staff.is_active = False
    city_staff.save()
    ask(client, "nobody@example.jp")
    ask(client, city_staff.email)
    assert mail.outbox == []


@pytest.mark.parametrize(
    "header", ["\nBcc: thief@evil.example", "%0aBcc: thief@evil.example", ",thief@evil.example"]
)
def test_nobody_writes_into_the_head_of_a_mail(
    client: Client, city_staff: User, by_mail: None, header: str
) -> None:
    client.post(reverse("password_reset"), {"email": city_staff.email + header})
    assert mail.outbox == []


def test_a_broken_link_says_so(client: Client, db: None) -> None:
    answer = client.get(
        reverse("password_reset_confirm", kwargs={"uidb64": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "token": "a-b"})
    )
    assert answer.context["validlink"] is False
