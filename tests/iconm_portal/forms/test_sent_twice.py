"""A form sent twice makes one thing, whatever happened between the two; raced over HTTP in tests/repository/test_sent_once.py."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone
from django.utils.html import escape

from finance.models import Entry
from iconm_portal.forms.unsent_input import FORM_KEY
from iconm_portal.history import once
from iconm_portal.models import Center, Job, Sending, User
from iconm_portal.site.sent_once import contents_of
from iconm_portal.work.cleanup import clean_up
from tests.builders.entry_pages import form_of
from tests.builders.finance import make_accounts
from tests.people import PASSWORD, client_of

pytestmark = pytest.mark.django_db
PAGE = "/lab/finance/ledger/entries/new/"
TYPED = {
    "date": date(2026, 6, 1).isoformat(),
    "account": "rent",
    "amount": "1200",
    "counterparty": "臨海製薬",
    "description": "6月分",
}


@pytest.fixture
def client(center: Center, foundation_staff: User) -> Client:
    make_accounts(center)
    return client_of(foundation_staff)


def typed(client: Client, **more: Any) -> dict[str, Any]:
    """What is typed on a freshly loaded page."""
    return form_of(client.get(PAGE), holds="amount") | TYPED | more


def test_every_page_has_a_key_of_its_own(client: Client) -> None:
    assert typed(client)[FORM_KEY] != typed(client)[FORM_KEY]


def test_the_second_answer_is_the_first_ones(client: Client) -> None:
    sent = typed(client)
    answers = [client.post(PAGE, sent) for _time in range(3)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, answers[0].headers["Location"])
    }
    assert Entry.objects.count() == 1


def test_two_honest_equal_entries_are_both_booked(client: Client) -> None:
    for _page in range(2):
        assert client.post(PAGE, typed(client, is_another="on")).status_code == 302
    assert Entry.objects.count() == 2


def test_scripts_without_a_key_are_taken_as_they_come(client: Client) -> None:
    """The control: without the key it is booked twice."""
    for _time in range(2):
        client.post(PAGE, TYPED | {"is_another": "on"})
    assert Entry.objects.count() == 2


def test_what_was_refused_is_tried_anew(client: Client) -> None:
    sent = typed(client, amount="")
    assert [client.post(PAGE, sent).status_code for _time in range(2)] == [400, 400]
    assert client.post(PAGE, sent | {"amount": "1200"}).status_code == 302
    assert Entry.objects.count() == 1


def test_gone_back_and_changed_nothing_is_booked_and_nothing_lost(client: Client) -> None:
    """The person says whether it is meant as well."""
    client.cookies["django_language"] = "en"
    sent = typed(client)
    first = client.post(PAGE, sent)
    again = client.post(PAGE, sent | {"amount": "1,300"}, follow=True)
    assert Entry.objects.count() == 1
    text = again.content.decode()
    assert "This form was sent before" in text
    assert "Your session had ended" not in text, "whoever sent it is signed in"
    assert f'href="{escape(first.headers["Location"])}"' in text
    back = form_of(again, holds="amount")
    assert back["amount"] == "1,300"
    assert back[FORM_KEY] != sent[FORM_KEY]
    assert client.post(PAGE, back).status_code == 302
    assert Entry.objects.count() == 2
    assert form_of(client.get(PAGE), holds="amount")["amount"] == "", "and then it is forgotten"


def test_after_the_session_was_renewed_it_is_still_the_same_form(
    center: Center, foundation_staff: User
) -> None:
    """The answer was lost together with the session: what is sent after the login was booked already."""
    make_accounts(center)
    client = Client()
    client.post("/login/", {"username": foundation_staff.username, "password": PASSWORD})
    sent = typed(client)
    first = client.post(PAGE, sent).headers["Location"]
    client.session.delete()
    login = client.post(PAGE, sent).headers["Location"]
    back = client.post(login, {"username": foundation_staff.username, "password": PASSWORD})
    page = client.get(back.headers["Location"])
    assert page.context["was_kept"]
    kept = form_of(page, holds="amount")
    assert kept["amount"] == "1200"
    assert page.wsgi_request.session["typed_input"]["is_another"] is False
    assert "ログインが切れて" in page.content.decode()
    assert client.post(PAGE, kept).headers["Location"] == first
    assert Entry.objects.count() == 1
    assert form_of(client.get(PAGE), holds="amount")["amount"] == "", "and then it is forgotten"


def test_another_persons_form_is_another(client: Client, center: Center, foundation_staff: User) -> None:
    sent = typed(client)
    client.post(PAGE, sent)
    foundation_staff.pk, foundation_staff.username = None, "colleague"
    foundation_staff.save()
    client_of(foundation_staff).post(PAGE, sent | {"is_another": "on"})
    assert Entry.objects.count() == 2


def test_a_claim_goes_with_what_it_stands_for() -> None:
    """Undone, it is claimed anew by what is done then; and nobody else can do it meanwhile."""
    with once.sending("k" * 64, "c" * 64) as opened:
        with transaction.atomic():
            once.claim()
            assert opened.is_claimed
            transaction.set_rollback(True)
        assert not opened.is_claimed
        once.claim()
        once.claim()
        assert opened.is_claimed
    assert Sending.objects.count() == 1
    with once.sending("k" * 64, "d" * 64), pytest.raises(once.SentTwice):
        once.claim()
    once.claim()  # outside of any sending there is nothing to claim
    assert Sending.objects.count() == 1


def test_old_keys_are_forgotten_at_night(client: Client) -> None:
    client.post(PAGE, typed(client))
    old = Sending.objects.get()
    client.post(PAGE, typed(client, is_another="on"))
    Sending.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=31))
    clean_up(Job(), lambda *args: None)
    assert not Sending.objects.filter(pk=old.pk).exists()
    assert Sending.objects.count() == 1


def test_a_password_is_shown_once_and_its_form_done_once(administrator: User) -> None:
    client = client_of(administrator)
    client.cookies["django_language"] = "en"
    address = "/people/new/"
    new = {
        "username": "tanaka",
        "name": "田中 一郎",
        "role": "staff",
        "organisation": administrator.organisation_id,
    }
    sent = form_of(client.get(address), holds="username") | new
    assert client.post(address, sent).status_code == 200
    again = client.post(address, sent)
    assert again.status_code == 200
    assert "This was done already" in again.content.decode()
    assert User.objects.filter(username="tanaka").count() == 1
    assert Sending.objects.get().status == 200


def test_what_was_sent_is_not_to_be_guessed_from_what_is_kept(client: Client) -> None:
    """Passwords are sent by forms too."""
    client.post(PAGE, typed(client))
    kept = Sending.objects.get().contents
    with override_settings(SECRET_KEY="another"):
        request = RequestFactory().post(PAGE, TYPED)
        assert contents_of(request) != kept
    assert contents_of(RequestFactory().post(PAGE, TYPED)) == contents_of(RequestFactory().post(PAGE, TYPED))
