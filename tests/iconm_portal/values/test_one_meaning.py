"""What can mean one thing only is taken, however it is written; what can mean two things is refused with both."""

from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from django import forms
from django.utils import translation

from iconm_portal.values import partial_date
from iconm_portal.values.fields import NumberFormField
from iconm_portal.values.fiscal import EraInputError, FiscalYear
from iconm_portal.values.number_input import NumberInputError, parse_number
from iconm_portal.values.written.date_input import parse_as_of, parse_date
from iconm_portal.values.written.letters import folded, same_letters

APRIL = date(2023, 4, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "20230401",
        "２０２３０４０１",
        "2023年4月1日(土)",
        "2023年4月1日（土）",
        "2023年4月1日 土曜日",
        "令和5年4月1日（土・祝）",
        "2023-04-01 (Sat)",
        "令和5(2023)年4月1日(土)",
        "2023/04/01 0:00",
        "2023/4/1 13:45:10",
        "2023-04-01T00:00:00",
        "2023年4月1日(土) 10時30分",
        "令和五年四月一日",
        "二〇二三年四月一日",
        "R5.04.01",
        "令和5年4月1日付け",
        "2023年4月1日現在",
        "2023.4.1",
        "R5/4/1",
        "令和5. 4. 1",
        "2023 年 4 月 1 日",
    ],
)
def test_a_day_in_each_notation(typed: str) -> None:
    assert parse_date(typed) == APRIL


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("令和五年十二月三十一日", date(2023, 12, 31)),
        ("平成三十一年四月二十日", date(2019, 4, 20)),
        ("令和元年十月十日", date(2019, 10, 10)),
        ("R4年度末", date(2023, 3, 31)),
        ("令和4(2022)年度末", date(2023, 3, 31)),
        ("25/12/2023", date(2023, 12, 25)),
        ("12/25/2023", date(2023, 12, 25)),
    ],
)
def test_other_days(typed: str, day: date) -> None:
    assert parse_date(typed) == day


@pytest.mark.parametrize("typed", ["2023年4月1日(日)", "令和5年4月1日 日曜日", "2023-04-01 (Sun)"])
def test_a_weekday_that_is_not_the_days_is_refused(typed: str) -> None:
    with pytest.raises(EraInputError, match="土曜日"):
        parse_date(typed)


@pytest.mark.parametrize(
    ("typed", "both"),
    [
        ("05/06/2023", ("2023-05-06", "2023-06-05")),
        ("5/4/1", ("令和5年4月1日", "平成5年4月1日", "2005年4月1日")),
        ("23.4.1", ("平成23年4月1日", "2023年4月1日")),
    ],
)
def test_what_can_mean_two_days_is_refused_with_both(typed: str, both: tuple[str, ...]) -> None:
    with pytest.raises(EraInputError) as refused:
        parse_date(typed)
    assert refused.value.code == "two_dates"
    assert all(one in str(refused.value) for one in both)


@pytest.mark.parametrize(
    "typed",
    [
        "45017",
        "4/1",
        "230401",
        "2023/4/1～4/3",
        "令和5年4月吉日",
        "2023/4/1頃",
        "20231301",
        "202304",
        "1日",
        "(土)",
        "2023年4月",
        "R4年度",
        "4月1日",
    ],
)
def test_what_is_no_day_stays_none(typed: str) -> None:
    with pytest.raises(EraInputError):
        parse_date(typed)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("R4年度末", date(2023, 3, 31)),
        ("2022年3月", date(2022, 3, 31)),
        ("令和4年3月時点", date(2022, 3, 31)),
        ("令和4年3月末現在", date(2022, 3, 31)),
        ("R4.3.15", date(2022, 3, 15)),
    ],
)
def test_as_of(typed: str, day: date) -> None:
    assert parse_as_of(typed) == day


@pytest.mark.parametrize(
    ("typed", "kept", "label", "first", "last"),
    [
        ("R8", "2026", "令和8年", date(2026, 1, 1), date(2026, 12, 31)),
        ("令和8年", "2026", "令和8年", date(2026, 1, 1), date(2026, 12, 31)),
        ("令和八年", "2026", "令和8年", date(2026, 1, 1), date(2026, 12, 31)),
        ("令和5年度", "2023-FY", "令和5年度", APRIL, date(2024, 3, 31)),
        ("R5年度", "2023-FY", "令和5年度", APRIL, date(2024, 3, 31)),
        ("2023年度", "2023-FY", "令和5年度", APRIL, date(2024, 3, 31)),
        ("20230401", "2023-04-01", "令和5年4月1日", APRIL, APRIL),
        ("2022年3月", "2022-03", "令和4年3月", date(2022, 3, 1), date(2022, 3, 31)),
    ],
)
def test_a_part_of_a_date(typed: str, kept: str, label: str, first: date, last: date) -> None:
    assert partial_date.parse(typed) == kept
    assert partial_date.parse(kept) == kept
    assert partial_date.parse(partial_date.label(kept, "ja")) == kept
    assert partial_date.label(kept, "ja") == label
    assert (partial_date.first_day(kept), partial_date.last_day(kept)) == (first, last)


def test_a_fiscal_year_in_kanji() -> None:
    assert FiscalYear.parse("令和五年度") == FiscalYear(2023)


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("4.3億円", "円", 430_000_000),
        ("4.3億円", "百万円", 430),
        ("1,234千円", "円", 1_234_000),
        ("▲1,234千円", "円", -1_234_000),
        ("347,000円", "千円", 347),
        ("1億2,345万円", "円", 123_450_000),
        ("1万5,000円", "円", 15_000),
        ("「１４件」", "件", 14),
        ("【14】", "件", 14),
        ("30名", "人", 30),
        ("3千人", "人", 3000),
        ("1.5万人", "人", 15_000),
        ("1.0005千円", "円", Decimal("1000.5")),
    ],
)
def test_a_number_in_a_unit_that_is_so_many_of_the_fields(
    typed: str, unit: str, value: Decimal | int
) -> None:
    assert parse_number(typed, unit=unit) == value


@pytest.mark.parametrize(
    "typed",
    [
        "約30名",
        "30名程度",
        "30名以上",
        "30〜40",
        "30名、20名",
        "30数名",
        "百人",
        "-1,234-",
        "1,234-",
        "(▲5)",
        "12,34",
        "1 234",
        "①",
        "なし",
    ],
)
def test_what_is_no_one_number_is_refused(typed: str) -> None:
    with pytest.raises(NumberInputError):
        parse_number(typed, unit="人")


class Amount(forms.Form):
    amount = NumberFormField(unit="円", decimals=0)


def test_what_was_understood_is_shown_before_it_is_saved() -> None:
    with translation.override("en"):
        form = Amount({"amount": "4.3億円"})
        assert "430,000,000 円" in str(form.errors["amount"])
        assert form["amount"].value() == "430,000,000"
    again = Amount({"amount": form["amount"].value()})
    assert again.is_valid()
    assert again.cleaned_data["amount"] == 430_000_000


@pytest.mark.parametrize(
    "same",
    [
        ("講座〜入門編", "講座～入門編", "講座∼入門編"),
        ("A−B社", "A－B社", "A-B社", "A‐B社", "A–B社", "A—B社", "Ａ－Ｂ社", "a-b 社"),
        ("O’Neil", "O'Neil", "O＇Neil", "O‘Neil"),
        ("髙﨑", "高崎", "髙崎"),
        ("渡邉", "渡邊", "渡辺"),
        ("齋藤", "斎藤"),
        ("濵田", "濱田", "浜田"),
        ("ｾﾐﾅｰ", "セミナー"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("㈱甲", "(株)甲", "（株）甲"),
        ("山田　太郎", "山田太郎"),
        ("國學院", "国学院"),
        ("神田", "神田"),
    ],
)
def test_one_letter_has_one_meaning(same: tuple[str, ...]) -> None:
    assert {folded(text) for text in same} == {folded(same[0])}


@pytest.mark.parametrize(
    "pair", list(combinations(["斉藤", "斎藤", "高崎", "高先", "コーヒー", "コヒ", "1-2", "12"], 2))
)
def test_other_letters_stay_other_letters(pair: tuple[str, str]) -> None:
    assert folded(pair[0]) != folded(pair[1])


@pytest.mark.parametrize("letter", ["〜", "－", "−", "‖", "—", "①", "㈱", "髙", "﨑", "ｶ"])
def test_both_encodings_give_one_key(letter: str) -> None:
    """What Shift_JIS as Windows has it makes of the letter is the same as what UTF-8 and EUC-JP give."""
    for encoding in ("cp932", "shift_jis", "euc_jp", "euc_jis_2004", "utf-8"):
        try:
            stored = letter.encode(encoding)
        except UnicodeEncodeError:
            continue
        for read in (encoding, {"shift_jis": "cp932"}.get(encoding, encoding)):
            assert same_letters(stored.decode(read)) == same_letters(letter)
