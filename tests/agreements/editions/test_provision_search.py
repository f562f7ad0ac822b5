"""Search across all provisions: width does not matter, hits are marked, what holds now comes first."""

from datetime import date

import pytest

from agreements.editions import provision_search
from agreements.editions.editions import EditionStanding
from agreements.editions.provision_search import Piece, marked, words_of
from agreements.models import Edition
from iconm_portal.models import Center, User
from tests.builders.editions import (
    TODAY,
    change_talk,
    confirm,
    make_amendment,
    make_worded,
    propose,
    summarise,
)
from tests.people import client_of

pytestmark = pytest.mark.django_db


def found(user: User, center: Center, query: str) -> list[tuple[str, int, str]]:
    result = provision_search.search(user, center, query, day=TODAY)
    return [(hit.agreement.code, hit.line.number, hit.place) for hit in result.hits]


@pytest.fixture
def first(center: Center) -> Edition:
    return make_worded(center)


@pytest.mark.parametrize("query", ["5月末", "５月末", "報告書 月末", "　報告書　"])
def test_width_and_spaces_do_not_matter(
    first: Edition, center: Center, city_viewer: User, query: str
) -> None:
    assert ("basic", 1, "第3条") in found(city_viewer, center, query)


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("毎年度５月末", "5月", ["５月"]),
        ("ﾎﾟｰﾄとポート", "ポート", ["ﾎﾟｰﾄ", "ポート"]),
        ("ⅲとiii", "III", ["ⅲ", "iii"]),
        ("㈱の株", "株", ["㈱", "株"]),
        ("ああああ", "ああ", ["ああああ"]),
        ("何もない", "無", []),
    ],
)
def test_a_hit_is_marked_as_the_text_writes_it(text: str, query: str, hits: list[str]) -> None:
    pieces = marked(text, words_of(query))
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if piece.is_hit] == hits


def test_our_summaries_are_searched_and_told_apart(first: Edition, center: Center, city_viewer: User) -> None:
    summarise(first, "art1", summary="なぜ続けるのか")
    (hit,) = provision_search.search(city_viewer, center, "なぜ", day=TODAY).hits
    assert (hit.text, hit.summary[0]) == ((), Piece("なぜ", is_hit=True))


def test_what_holds_now_comes_before_what_is_past(
    first: Edition, center: Center, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    draft = make_amendment(first.agreement, city_staff, day=date(2026, 10, 1))
    propose(draft, city_staff, change_talk(first.agreement, city_staff, foundation_staff))
    assert found(city_viewer, center, "報告書") == [("basic", 1, "第3条")], (
        "an open amendment is not theirs to see"
    )
    confirm(draft, foundation_staff)
    hits = provision_search.search(city_viewer, center, "報告書", day=TODAY).hits
    assert [(hit.line.number, hit.line.standing) for hit in hits] == [
        (2, EditionStanding.IN_FORCE),
        (1, EditionStanding.PAST),
    ]


def test_a_foreign_center_s_provisions_are_not_found(
    first: Edition, foreign_center: Center, foreign_city_viewer: User
) -> None:
    assert found(foreign_city_viewer, foreign_center, "報告書") == []


def test_a_long_text_is_cut_around_its_hit(center: Center, city_viewer: User) -> None:
    make_worded(center, text=f"（目的）\n第1条 {'前' * 400}目印{'後' * 400}\n")
    (hit,) = provision_search.search(city_viewer, center, "目印", day=TODAY).hits
    shown = "".join(piece.text for piece in hit.text)
    assert (shown[0], shown[-1], "目印" in shown) == ("…", "…", True)
    assert len(shown) <= provision_search.MOST_LETTERS + 2


def test_queries_are_few_and_do_not_grow(
    center: Center, city_viewer: User, django_assert_num_queries: object
) -> None:
    for number in range(3):
        make_worded(center, code=f"a{number}")
    with django_assert_num_queries(6):  # type: ignore[operator]
        provision_search.search(city_viewer, center, "報告書", day=TODAY)


@pytest.mark.parametrize("query", ["", "  ", "x" * 300, "%", "<script>", "報告書", "\x00"])
def test_the_page_answers_whatever_is_typed(first: Edition, city_viewer: User, query: str) -> None:
    answer = client_of(city_viewer).get("/lab/provisions/", {"q": query})
    assert answer.status_code in (200, 400)
    assert "<script>alert" not in answer.content.decode()


def test_an_empty_center_says_what_to_do(center: Center, city_viewer: User) -> None:
    with_nothing = client_of(city_viewer).get(
        "/lab/provisions/", {"q": "報告書"}, headers={"accept-language": "en"}
    )
    assert 'class="empty"' in with_nothing.content.decode()
