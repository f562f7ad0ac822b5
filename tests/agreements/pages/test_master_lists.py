"""The staff of both sides keep the lists beside the agreements: posts with their days, the chronology, the criteria."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.instruments import agreements
from agreements.models import Post, VerificationKind
from agreements.pages.master.lists import actions, forms, lists
from iconm_portal.forms.refusals import Gone
from iconm_portal.models import Center, HistoryEvent, User
from tests.agreements.pages.test_deletions import delete
from tests.agreements.pages.test_master_data import as_typed, errors, send
from tests.builders.agreements import make_agreement
from tests.builders.support import make_verification, make_verification_obligation
from tests.days import AT
from tests.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

LISTS = "/lab/master/lists/"
ROWS: dict[str, dict[str, Any]] = {
    "posts": {
        "title": "センター長",
        "task": "センターを代表する。",
        "since": "R4.4.1",
        "until": "令和9年3月31日",
    },
    "chronology": {"happened_on": "平成27年2月", "text": "構想を公表した。", "source": "市の報告書 3頁"},
    "criteria": {"label": "市民の健康"},
}


@pytest.fixture
def client(city_staff: User) -> Client:
    client = client_of(city_staff)
    client.cookies["django_language"] = "en"
    return client


def code(which: str) -> str:
    return f"{lists.LISTS[which].word}-1"


def add(client: Client, which: str, **typed: str) -> Any:
    return send(client, f"{LISTS}{which}/new/", ROWS[which] | typed)


@pytest.mark.parametrize("which", lists.LISTS)
def test_a_row_is_added_corrected_and_deleted(
    client: Client, center: Center, city_staff: User, which: str
) -> None:
    kept = lists.LISTS[which]
    assert str(kept.empty) in client.get(f"{LISTS}{which}/").content.decode()
    assert add(client, which)["Location"] == f"{LISTS}{which}/"
    row = kept.model._base_manager.get()
    assert (row.code, row.recorded_by) == (code(which), city_staff), "nobody is asked for a code"
    page = f"{LISTS}{which}/{row.code}/"
    named = str(row)
    assert named in client.get(f"{LISTS}{which}/").content.decode()
    assert send(client, page, as_typed(client, page)).status_code == 302
    assert HistoryEvent.objects.count() == 1, "saved without a change, it leaves no trace"
    typed = as_typed(client, page, source="別の資料")
    assert send(client, page, typed).status_code == 302
    event = HistoryEvent.objects.get(action=f"{kept.word}.change")
    assert (event.after, event.subject_label) == ({"source": "別の資料"}, named)
    assert delete(client, page)["Location"] == f"{LISTS}{which}/"
    event = HistoryEvent.objects.get(action=f"{kept.word}.delete")
    assert event.before["source"] == "別の資料"
    assert not kept.model._base_manager.exists()


@pytest.mark.parametrize(
    ("which", "typed", "field"),
    [
        ("posts", {"title": " "}, "title"),
        ("posts", {"title": "長" * 61}, "title"),
        ("posts", {"until": "R4.3.31"}, "until"),
        ("posts", {"since": "令和5年2月31日"}, "since"),
        ("posts", {"until": "R5.2.31"}, "until"),
        ("posts", {"since": "昭和70年4月1日"}, "since"),
        ("posts", {"position": "-1"}, "position"),
        ("posts", {"position": "上"}, "position"),
        ("chronology", {"happened_on": "2015-02-31"}, "happened_on"),
        ("chronology", {"happened_on": "いつか"}, "happened_on"),
        ("chronology", {"happened_on": ""}, "happened_on"),
        ("chronology", {"text": "文" * 401}, "text"),
        ("chronology", {"agreement": "999999"}, "agreement"),
        ("criteria", {"label": ""}, "label"),
        ("criteria", {"label": "名" * 201}, "label"),
    ],
)
def test_what_is_refused_of_a_row(client: Client, which: str, typed: dict[str, str], field: str) -> None:
    assert list(errors(add(client, which, **typed))) == [field]
    assert not lists.LISTS[which].model._base_manager.exists()
    assert not HistoryEvent.objects.exists()


def test_a_post_stands_with_the_agreement_in_its_days(client: Client, center: Center) -> None:
    make_agreement(center)
    add(client, "posts")
    add(client, "posts", title="副センター長", since="", until="", position="0")
    assert [post.title for post in agreements.posts(center, date(2022, 3, 31))] == ["副センター長"]
    assert [post.title for post in agreements.posts(center, date(2022, 4, 1))] == [
        "副センター長",
        "センター長",
    ]
    assert [post.title for post in agreements.posts(center, date(2027, 4, 1))] == ["副センター長"]
    page = client.get("/lab/master/lists/posts/").content.decode()
    assert "1 Apr 2022" in page or "1 April 2022" in page


def test_an_entry_stands_in_the_chronology(client: Client, center: Center) -> None:
    held = make_agreement(center)
    add(client, "chronology", agreement=str(held.pk))
    page = client.get("/lab/chronology/").content.decode()
    for text in ("構想を公表した。", "市の報告書 3頁", held.short_title):
        assert text in page


@pytest.mark.parametrize("which", lists.LISTS)
def test_what_a_document_says_stays(client: Client, center: Center, which: str) -> None:
    made: dict[str, Any] = {
        "posts": {"title": "センター長"},
        "chronology": {"happened_on": "2015", "text": "始まった。"},
        "criteria": {"label": "健康", "position": 1},
    }[which]
    kept = lists.LISTS[which]
    row = kept.model._base_manager.create(center=center, code="from-t6", source="T6", **made)
    page = f"{LISTS}{which}/from-t6/"
    shown = client.get(page)
    assert shown.context["form"] is None
    assert "It comes with a document, so it stays." in shown.content.decode()
    assert send(client, page, ROWS[which]).status_code == 400
    assert delete(client, page).status_code == 409
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        kept.model._base_manager.filter(pk=row.pk).update(source="")
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        kept.model._base_manager.filter(pk=row.pk)._raw_delete("default")


@pytest.mark.parametrize("which", lists.LISTS)
def test_a_row_stays_as_it_was_entered(client: Client, which: str) -> None:
    """Nobody makes by SQL what they entered into what a document says."""
    add(client, which, source="資料")
    rows = lists.LISTS[which].model._base_manager
    for values in ({"code": "x"}, {"recorded_at": None, "recorded_by": None}):
        with pytest.raises(DatabaseError, match="as it was entered"), transaction.atomic():
            rows.update(**values)


@pytest.mark.parametrize("which", lists.LISTS)
def test_whoever_comes_second_is_told(
    client: Client, center: Center, foundation_staff: User, which: str
) -> None:
    add(client, which)
    kept = lists.LISTS[which]
    row = kept.model._base_manager.select_related("center").get()
    page = f"{LISTS}{which}/{row.code}/"
    seen = client.get(f"{page}delete/").context["asked"].seen
    assert send(client, page, as_typed(client, page, source="別の資料")).status_code == 302
    assert client.post(f"{page}delete/", {"seen": seen}).status_code == 409
    assert delete(client, page).status_code == 302
    with pytest.raises(Gone):
        actions.delete_row(kept=kept, row=row, seen=seen, by=foundation_staff)
    assert add(client, which).status_code == 302
    with pytest.raises(Gone):
        actions.delete_row(kept=kept, row=row, seen=seen, by=foundation_staff)


def test_nobody_else_keeps_them(center: Center, city_viewer: User, foreign_city_staff: User) -> None:
    for person in (city_viewer, foreign_city_staff):
        with pytest.raises(PermissionDenied):
            actions.add_row(
                kept=lists.POSTS, center=center, facts=lists.PostFacts("センター長"), by=person, at=AT
            )
    assert not Post.objects.exists()


def test_there_is_no_other_list(client: Client) -> None:
    assert client.get(f"{LISTS}people/").status_code == 404
    assert client.get(f"{LISTS}posts/nobody/").status_code == 404
    assert set(forms.FORMS) == set(lists.LISTS)


@pytest.mark.parametrize("which", lists.LISTS)
def test_a_longer_list_asks_no_more_questions(client: Client, which: str) -> None:
    asked = []
    for _once in range(2):
        add(client, which)
        client.get(f"{LISTS}{which}/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{LISTS}{which}/")
        asked.append(len(queries))
    assert asked[0] == asked[1] < 12
    assert lists.LISTS[which].model._base_manager.count() == 2


def test_a_criterion_under_which_was_judged_stays(
    client: Client, center: Center, city_staff: User, foundation_staff: User
) -> None:
    add(client, "criteria")
    page = f"{LISTS}criteria/criterion-1/"
    make_verification_obligation(make_agreement(center), VerificationKind.EFFECT)
    make_verification(center, VerificationKind.EFFECT, 2025, by=foundation_staff, submitted=False)
    assert "Something rests on it, so it stays: a finding" in client.get(page).content.decode()
    assert delete(client, page).status_code == 409
    assert send(client, page, as_typed(client, page, label="市民の健康・医療")).status_code == 302
    make_verification(center, VerificationKind.EFFECT, 2024, by=foundation_staff, confirmer=city_staff)
    shown = client.get(page)
    assert "It was judged under this criterion" in shown.content.decode()
    assert shown.context["form"] is None
    assert send(client, page, ROWS["criteria"]).status_code == 400
