"""What readers and both staffs meet: the edition, two side by side, the import in two steps, the amendment's pages."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from agreements.editions import editions
from agreements.editions.editions import EditionStanding
from agreements.instruments import ending_actions
from agreements.models import Edition, Provision
from iconm_portal.models import Center, HistoryEvent, ProposalState, User
from tests.builders.agreements import (
    PDF,
    a_pdf,
    conclude,
    make_agreement,
    make_edition,
    make_obligation,
    make_provision,
    proposed_ending,
)
from tests.builders.editions import (
    AT,
    TEXT,
    change_talk,
    confirm,
    import_text,
    make_amendment,
    make_worded,
    propose,
    summarise,
)
from tests.builders.plans import tokyo
from tests.hostile_files import pdf, workbook
from tests.people import client_of
from tests.readers.markup import tight
from tests.unguarded import no_guards
from tests.word_and_pdf import add_numbered, numbered, pdf_of, word, word_of

pytestmark = pytest.mark.django_db
BASE = "/lab/agreements/basic/editions/"
GAPS = "協定書\n\n第1条 一つ目。\n第3条 三つ目。\n第3条 また三つ目。\n"


@pytest.fixture(autouse=True)
def english(client: Client) -> Any:
    with translation.override("en"):
        yield


def reader(user: User) -> Client:
    client = client_of(user)
    client.cookies["django_language"] = "en"
    return client


def text_of(response: HttpResponse, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:2000]
    return tight(response.content.decode())


@pytest.fixture
def first(center: Center) -> Edition:
    return make_worded(center)


@pytest.fixture
def unimported(center: Center) -> Edition:
    edition = make_edition(make_agreement(center))
    make_provision(edition, "art3", summary="財団は報告する。")
    return edition


# -- Reading --


def test_official_wording_and_our_summary_are_told_apart(first: Edition, city_viewer: User) -> None:
    summarise(first, "art3", summary="報告の期限を定める。")
    page = text_of(reader(city_viewer).get(f"{BASE}1/"))
    assert '<p class="edition__text" lang="ja">この協定は、' in page
    assert 'In our own words</span><span lang="ja">報告の期限を定める。' in page
    assert 'id="art3/par1"' in page, "the place that links point at"


def test_without_official_wording_the_page_says_whose_words_these_are(
    unimported: Edition, city_viewer: User
) -> None:
    page = text_of(reader(city_viewer).get(f"{BASE}1/"))
    assert "The official wording is not imported." in page
    assert "財団は報告する。" in page


def test_a_draft_agreement_is_marked_so(center: Center, city_viewer: User) -> None:
    make_worded(center, concluded=None)
    assert "draft: not concluded" in text_of(reader(city_viewer).get(f"{BASE}1/"))


def test_a_past_edition_stays_readable_and_leads_to_the_one_in_force(
    first: Edition, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    draft = make_amendment(first.agreement, city_staff, day=date(2026, 10, 1))
    propose(draft, city_staff, change_talk(first.agreement, city_staff, foundation_staff))
    confirm(draft, foundation_staff)
    conclude(
        draft.agreement,
        "2026-11-20",
        edition=draft,
        scan=a_pdf("変更協定書.pdf"),
        by=city_staff,
        confirmed_by=foundation_staff,
        at=AT,
    )
    page = text_of(reader(city_viewer).get(f"{BASE}1/"))
    assert "replaced by an amendment" in page
    assert "5月末" in page
    assert f'href="{BASE}2/">To the wording in force' in page
    assert "変更協定書.pdf" in text_of(reader(city_viewer).get(f"{BASE}2/"))
    assert reader(city_viewer).get(f"{BASE}2/scan/").content == PDF


def test_the_last_wording_of_an_ended_agreement_was_replaced_by_nothing(
    first: Edition, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    """Nor was an amendment ever in force that was settled for a day after the end."""
    draft = make_amendment(first.agreement, city_staff, day=date(2027, 4, 1))
    propose(draft, city_staff, change_talk(first.agreement, city_staff, foundation_staff))
    confirm(draft, foundation_staff)
    ending = proposed_ending(
        first.agreement, by=city_staff, confirmed_by=foundation_staff, ends_on=date(2026, 12, 31)
    )
    before = text_of(reader(city_viewer).get(f"{BASE}2/"))
    assert "takes effect on" in before
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=AT)
    assert "The agreement ends before that day." in text_of(reader(city_viewer).get(f"{BASE}2/"))
    for day in (date(2027, 1, 1), date(2027, 4, 2)):
        with time_machine.travel(tokyo(day), tick=False):
            known = editions.load(city_viewer, first.agreement.center, first.agreement, day=day)
            assert [line.standing for line in known.lines] == [EditionStanding.ENDED, EditionStanding.NEVER]
            page = text_of(reader(city_viewer).get(f"{BASE}1/"))
            assert "It ended with the agreement." in page
            assert "replaced by an amendment" not in page
            assert "The agreement ends before that day." in text_of(reader(city_viewer).get(f"{BASE}2/"))


def test_obligations_stand_where_they_rest(first: Edition, city_viewer: User) -> None:
    make_obligation(first.agreement, provision=first.provisions.get(key="art3/par1"))
    assert "事業報告書と収支決算書の提出" in text_of(reader(city_viewer).get(f"{BASE}1/"))


@pytest.mark.parametrize("address", ["", "1/", "2/compare/1/"])
def test_queries_do_not_grow_with_the_text(
    first: Edition, city_staff: User, address: str, django_assert_max_num_queries: Any
) -> None:
    make_amendment(first.agreement, city_staff)
    with django_assert_max_num_queries(33) as few:
        text_of(reader(city_staff).get(BASE + address))
    for number in range(30):
        make_provision(Edition.objects.get(number=2), f"art{number + 100}")
    with django_assert_max_num_queries(len(few)):
        text_of(reader(city_staff).get(BASE + address))


# -- Side by side --


def test_changed_words_are_marked_on_both_sides(first: Edition, city_staff: User) -> None:
    make_amendment(first.agreement, city_staff)
    page = text_of(reader(city_staff).get(f"{BASE}2/compare/1/"))
    assert "緑の会は、毎年度<del>5</del>月末までに" in page
    assert "緑の会は、毎年度<ins>6</ins>月末までに" in page
    assert "観察会を続けること" not in page, "what is the same is left out"
    assert "観察会を続けること" in text_of(reader(city_staff).get(f"{BASE}2/compare/1/?all=1"))


def test_summaries_of_articles_are_no_part_of_the_comparison(first: Edition, city_staff: User) -> None:
    summarise(first, "art3")
    draft = make_amendment(first.agreement, city_staff)
    Provision.objects.filter(edition=draft, key="art3").update(summary="別の要旨")
    assert "要旨" not in text_of(reader(city_staff).get(f"{BASE}2/compare/1/"))


# -- Importing --


def preview(client: Client, **what: Any) -> HttpResponse:
    return client.post(f"{BASE}1/import/", what)


def test_a_file_is_shown_as_a_tree_before_anything_is_saved(unimported: Edition, city_staff: User) -> None:
    file = SimpleUploadedFile("協定書.txt", TEXT.encode("cp932"))
    page = text_of(preview(reader(city_staff), file=file))
    assert "3 articles, 11 provisions in all" in page
    assert "Shift_JIS" in page
    assert "Every line of the source" in page
    unimported.refresh_from_db()
    assert (unimported.version, unimported.imported_from) == (1, "")


@pytest.mark.parametrize(("make", "said"), [(word_of, "Word"), (pdf_of, "PDF")])
def test_a_word_file_and_a_pdf_are_shown_as_the_text_is(
    unimported: Edition, city_staff: User, make: Callable[[str], bytes], said: str
) -> None:
    page = text_of(preview(reader(city_staff), file=SimpleUploadedFile("協定書", make(TEXT))))
    assert "3 articles, 11 provisions in all" in page
    assert said in page
    for text in ("架空市と緑の会は、次のとおり協定を結ぶ。", "この協定を証するため、本書2通を作る。"):
        assert text in page, "preamble and closing too"


def test_what_a_word_file_keeps_beside_its_text_needs_a_word(
    unimported: Edition, city_staff: User, foundation_staff: User
) -> None:
    def fill(document: Any) -> None:
        numbered(document, [("hebrew1", "%1.")])
        for line in TEXT.splitlines():
            document.add_paragraph(line)
        add_numbered(document, "謎")

    client = reader(city_staff)
    shown = preview(client, file=SimpleUploadedFile("協定書.docx", word(fill)))
    assert "could not be recovered" in text_of(shown)
    form = shown.context["form"]
    sent = {"step": "save", "version": 1, **{name: form[name].value() for name in ("text", "name", "notes")}}
    assert "say that you have looked at it" in text_of(preview(client, **sent), 400)
    preview(client, **sent, accept="on")
    assert unimported.wording_proposals.get().file_name == "協定書.docx"
    other = text_of(reader(foundation_staff).get(f"{BASE}1/wording/"))
    assert "could not be recovered" in other, "the side that confirms is told too"


def test_what_was_looked_at_is_put_before_the_other_side_and_imported_once_that_confirms(
    unimported: Edition, city_staff: User, foundation_staff: User
) -> None:
    client = reader(city_staff)
    page = preview(client, text=TEXT)
    sent = {"step": "save", "version": 1, **page.context["form"].initial}
    done = preview(client, **sent)
    assert done.headers["Location"] == f"{BASE}1/"
    unimported.refresh_from_db()
    assert unimported.imported_from == ""
    assert "waits for the confirmation by the foundation" in text_of(client.get(f"{BASE}1/wording/"))
    assert client.post(f"{BASE}1/wording/confirm/", {"version": 1}).status_code == 409
    other = reader(foundation_staff)
    assert "11 provisions in all" in text_of(other.get(f"{BASE}1/wording/"))
    assert other.post(f"{BASE}1/wording/confirm/", {"version": 1}).headers["Location"] == f"{BASE}1/"
    unimported.refresh_from_db()
    assert unimported.imported_by == foundation_staff
    assert unimported.provisions.get(key="art3/par1").text.startswith("緑の会は")


def test_gaps_and_repeats_are_named_and_need_a_word(unimported: Edition, city_staff: User) -> None:
    client = reader(city_staff)
    page = text_of(preview(client, text=GAPS))
    assert "第2条 is missing." in page
    assert "第3条 stands twice; the first one is in line 4." in page
    refused = preview(client, step="save", version=1, text=GAPS, name="a.txt")
    assert "say that you have looked at it" in text_of(refused, 400)
    assert "第3条 また三つ目。" in refused.content.decode(), "the text is still there"
    preview(client, step="save", version=1, text=GAPS, name="a.txt", accept="on")
    assert unimported.wording_proposals.get().file_name == "a.txt"


def test_the_title_of_another_agreement_is_named(unimported: Edition, city_staff: User) -> None:
    client, title = reader(city_staff), unimported.agreement.title
    own = "\n".join([title, *TEXT.splitlines()[1:]])
    assert "The text is titled" not in text_of(preview(client, text=own))
    said = f"The text is titled “{TEXT.splitlines()[0]}”, the agreement “{title}”."
    assert said in text_of(preview(client, text=TEXT))


def test_an_official_wording_is_declined_with_a_reason_and_nothing_is_imported(
    unimported: Edition, city_staff: User, foundation_staff: User
) -> None:
    client = reader(city_staff)
    preview(client, step="save", version=1, text=TEXT, name="a.txt")
    other = reader(foundation_staff)
    assert other.post(f"{BASE}1/wording/decline/", {"version": 1, "reason": ""}).status_code == 400
    said = {"version": 1, "reason": "第2条が違います。"}
    assert other.post(f"{BASE}1/wording/decline/", said).status_code == 302
    unimported.refresh_from_db()
    assert (unimported.imported_from, unimported.wording_proposals.get().state) == ("", "declined")
    for side in (other, client):
        assert said["reason"] in side.get(f"{BASE}1/").content.decode(), "both sides read why"


def test_a_wording_that_is_taken_back_leaves_no_proposal(unimported: Edition, city_staff: User) -> None:
    client = reader(city_staff)
    preview(client, step="save", version=1, text=TEXT, name="a.txt")
    assert client.post(f"{BASE}1/wording/take-back/", {"version": 1}).status_code == 302
    assert not unimported.wording_proposals.exists()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"\x00\x01\x02" * 400, "a binary file, not a text file"),
        ("a.pdf", b"%PDF-1.7 " + b"x" * 100, "The file is damaged"),
        ("a.pdf", pdf_of("", ""), "only pictures of pages"),
        ("a.pdf", pdf("/Encrypt 2 0 R"), "protected by a password"),
        ("a.xlsx", workbook(), "an Excel file, not a text file"),
        ("a.txt", b"", "empty"),
        ("a.txt", b"only English", "no Japanese"),
        ("a.txt", "第1条 本文。\n".encode() * 100_000, "at most"),
        ("a.txt", "あ\n".encode() * 100_000, "at most 20,000 are read"),
    ],
)
def test_what_is_no_official_text_is_refused_at_the_field(
    unimported: Edition, city_staff: User, name: str, data: bytes, said: str
) -> None:
    page = text_of(preview(reader(city_staff), file=SimpleUploadedFile(name, data)), 400)
    assert said in page
    unimported.refresh_from_db()
    assert unimported.version == 1


def test_neither_file_nor_text(unimported: Edition, city_staff: User) -> None:
    assert "Choose a file, or paste the text." in text_of(preview(reader(city_staff)), 400)


def test_a_text_without_articles_shows_its_lines_and_no_way_to_save(
    unimported: Edition, city_staff: User
) -> None:
    page = text_of(preview(reader(city_staff), text="お知らせ\n\n本日は休みです。\n"))
    assert "there is nothing to import" in page
    assert 'value="save"' not in page


def test_whoever_saves_second_is_told_and_keeps_the_text(unimported: Edition, city_staff: User) -> None:
    import_text(unimported, by=city_staff)
    with no_guards():
        Edition.objects.filter(pk=unimported.pk).update(imported_from="", state=ProposalState.DRAFT)
    page = text_of(preview(reader(city_staff), step="save", version=1, text=TEXT, name="b.txt"), 409)
    assert "Someone changed this" in page
    assert "観察会を続けることを目的とする" in page


def test_a_settled_wording_leads_back_to_its_page(first: Edition, city_staff: User) -> None:
    answer = reader(city_staff).get(f"{BASE}1/import/")
    assert answer.headers["Location"] == f"{BASE}1/"


# -- Amending --


def test_an_amendment_from_its_start_to_its_confirmation(
    first: Edition, city_staff: User, foundation_staff: User
) -> None:
    client = reader(city_staff)
    begun = client.post(f"{BASE}start/", {"in_force_from": "令和9年4月1日", "reason": "期限を改める。"})
    assert begun.headers["Location"] == f"{BASE}2/draft/"
    text_of(client.get(f"{BASE}2/draft/"))
    saved = client.post(
        f"{BASE}2/provisions/art3/par1/edit/", {"version": 1, "text": "緑の会は、毎年度6月末までに報告する。"}
    )
    assert saved.headers["Location"] == f"{BASE}2/draft/#art3/par1"
    added = client.post(
        f"{BASE}2/provisions/add/",
        {"version": 2, "number": "第2条の2", "heading": "費用", "text": "折半する。"},
    )
    assert added.headers["Location"] == f"{BASE}2/draft/"
    talk = change_talk(first.agreement, city_staff, foundation_staff)
    assert (
        client.post(f"{BASE}2/propose/", {"version": 3, "consultation": talk.pk}).headers["Location"]
        == f"{BASE}2/"
    )
    other = reader(foundation_staff)
    assert "Confirm the amendment" in text_of(other.get(f"{BASE}2/"))
    other.post(f"{BASE}2/confirm/", {"version": 4})
    assert Edition.objects.get(number=2).is_confirmed
    assert "The signing of the amendment is not recorded" in text_of(client.get(f"{BASE}2/"))
    signed = {
        "concluded_on": "2026-11-20",
        "document_number": "12",
        "scan": SimpleUploadedFile("変更協定.pdf", PDF),
    }
    assert client.post(f"{BASE}2/conclusion/", signed).headers["Location"] == f"{BASE}2/"
    assert "waits for the confirmation by the foundation" in text_of(client.get(f"{BASE}2/"))
    assert other.post(f"{BASE}2/conclusion/confirm/", {"version": 1}).headers["Location"] == f"{BASE}2/"
    assert "変更協定.pdf" in text_of(other.get(f"{BASE}2/"))


@pytest.mark.parametrize("day", ["令和4年3月31日", "2022-04-01", "きのう", ""])
def test_a_day_that_cannot_be_stands_with_its_refusal(first: Edition, city_staff: User, day: str) -> None:
    page = reader(city_staff).post(f"{BASE}start/", {"in_force_from": day, "reason": "理由"})
    assert "id_in_force_from" in text_of(page, 400)
    assert "理由" in page.content.decode(), "what was typed is kept"
    assert first.agreement.editions.count() == 1


def test_the_second_at_a_provision_sees_both_texts(first: Edition, city_staff: User) -> None:
    draft = make_amendment(first.agreement, city_staff)
    page = text_of(
        reader(city_staff).post(
            f"{BASE}2/provisions/art3/par1/edit/", {"version": draft.version - 1, "text": "二人目の文"}
        ),
        409,
    )
    assert "二人目の文" in page
    assert "6月末までに報告書を" in page
    assert draft.provisions.get(key="art3/par1").text != "二人目の文"


def test_words_typed_too_late_are_shown_to_be_copied(
    first: Edition, city_staff: User, foundation_staff: User
) -> None:
    draft = make_amendment(first.agreement, city_staff)
    propose(draft, city_staff, change_talk(first.agreement, city_staff, foundation_staff))
    answer = reader(foundation_staff).post(
        f"{BASE}2/provisions/art1/par1/edit/", {"version": 2, "text": "間に合わなかった文"}
    )
    assert "間に合わなかった文" in text_of(answer, 409)


def test_a_decline_needs_a_reason_and_shows_it(
    first: Edition, city_staff: User, foundation_staff: User
) -> None:
    draft = make_amendment(first.agreement, city_staff)
    propose(draft, city_staff, change_talk(first.agreement, city_staff, foundation_staff))
    client = reader(foundation_staff)
    assert '<textarea name="reason"' in text_of(client.get(f"{BASE}2/"))
    text_of(client.post(f"{BASE}2/decline/", {"version": draft.version}), 400)
    client.post(f"{BASE}2/decline/", {"version": draft.version, "reason": "早すぎる。"})
    assert "早すぎる。" in text_of(reader(city_staff).get(f"{BASE}2/"))


def test_a_step_on_an_old_page_is_told_so(first: Edition, city_staff: User, foundation_staff: User) -> None:
    draft = make_amendment(first.agreement, city_staff)
    propose(draft, city_staff, change_talk(first.agreement, city_staff, foundation_staff))
    page = text_of(reader(foundation_staff).post(f"{BASE}2/confirm/", {"version": 1}), 409)
    assert "Someone changed this" in page
    assert not HistoryEvent.objects.filter(action="edition.confirm").exists()


def test_a_removed_provision_and_a_discarded_draft(first: Edition, city_staff: User) -> None:
    draft = make_amendment(first.agreement, city_staff)
    client = reader(city_staff)
    client.post(f"{BASE}2/provisions/art2/par2/remove/", {"version": draft.version})
    assert not draft.provisions.filter(key="art2/par2").exists()
    client.post(f"{BASE}2/discard/", {"version": draft.version + 1})
    assert first.agreement.editions.count() == 1


@pytest.mark.parametrize(
    "step", ["start/", "2/take-back/", "2/confirm/", "2/decline/", "2/discard/", "2/provisions/art1/remove/"]
)
def test_an_address_that_is_posted_leads_to_its_page(first: Edition, city_staff: User, step: str) -> None:
    make_amendment(first.agreement, city_staff)
    assert reader(city_staff).get(BASE + step).status_code == 302


def test_a_summary_that_the_amendment_left_behind_is_marked(first: Edition, city_staff: User) -> None:
    summarise(first, "art1", "art3")
    make_amendment(first.agreement, city_staff)
    page = text_of(reader(city_staff).get(f"{BASE}2/"))
    assert page.count("Written for the wording before the amendment.") == 1


# -- Typed by hand --


def test_what_is_typed_with_items_becomes_items(first: Edition, city_staff: User) -> None:
    draft = make_amendment(first.agreement, city_staff)
    client = reader(city_staff)
    typed = "架空市は、次のことを行う。\r\n(1) 広報\r\n(2) 印刷"
    address = f"{BASE}2/provisions/art2/par2/edit/"
    assert client.post(address, {"version": draft.version, "text": typed}).status_code == 302
    rows = {row.key: row for row in draft.provisions.all()}
    assert rows["art2/par2"].text == "架空市は、次のことを行う。"
    assert (rows["art2/par2/item2"].label, rows["art2/par2/item2"].text) == ("(2)", "印刷")
    assert (rows["art2/par2/item1"].parent, rows["art2/par2/item1"].is_amended) == (rows["art2/par2"], True)
    assert [row.position for row in draft.provisions.all()] == list(range(1, len(rows) + 1))
    draft.refresh_from_db()
    again = client.post(address, {"version": draft.version, "text": typed})
    assert "Something stands under this provision already" in text_of(again, 400)
    added = {
        "version": draft.version,
        "number": "第9条",
        "text": "甲は、直す。\n2 乙は、次を行う。\n(1) 塗装\n(2) 清掃",
    }
    assert client.post(f"{BASE}2/provisions/add/", added).status_code == 302
    keys = [row.key for row in draft.provisions.all() if row.key.startswith("art9")]
    assert keys == ["art9", "art9/par1", "art9/par2", "art9/par2/item1", "art9/par2/item2"]
    assert "塗装" in str(HistoryEvent.objects.filter(action="edition.change").latest("pk").after)


def test_what_is_typed_in_doubt_needs_a_word(first: Edition, city_staff: User) -> None:
    draft = make_amendment(first.agreement, city_staff)
    client = reader(city_staff)
    sent = {"version": draft.version, "text": "架空市は、広報する。\n2 緑の会は、印刷する。"}
    address = f"{BASE}2/provisions/art2/par2/edit/"
    page = text_of(client.post(address, sent), 400)
    assert "begins another provision" in page
    assert "I have looked at what is listed as wrong." in page
    assert client.post(address, sent | {"accept": "on"}).status_code == 302
    assert draft.provisions.get(key="art2/par2").text == sent["text"]


def test_what_is_typed_in_doubt_on_an_old_page_is_told_so_first(first: Edition, city_staff: User) -> None:
    draft = make_amendment(first.agreement, city_staff)
    sent = {"version": draft.version - 1, "text": "架空市は、広報する。\n2 緑の会は、印刷する。"}
    page = text_of(reader(city_staff).post(f"{BASE}2/provisions/art2/par2/edit/", sent), 409)
    assert "begins another provision" in page
    assert "I have looked at what is listed as wrong." in page


def test_an_agreement_without_wording_says_where_to_record_it(
    center: Center, city_staff: User, city_viewer: User
) -> None:
    make_agreement(center)
    link = "/master/agreements/basic/#summaries"
    assert link in reader(city_staff).get(BASE).content.decode()
    assert link not in reader(city_viewer).get(BASE).content.decode()
