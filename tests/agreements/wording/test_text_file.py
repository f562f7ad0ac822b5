"""Uploaded files as text: every encoding that offices use, and a reason for whatever is no text."""

import io
import re
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.wording.text_file import MOST_BYTES, Refusal, TextFileRefused, decode, read_text_file

SAMPLE = "緑地の協定書\n\n第１条　乙は、苗木を１２本、ていねいに植える。\n(2) コピーと①を渡す。\n"


def refusal(data: bytes, filename: str = "text.txt") -> TextFileRefused:
    with pytest.raises(TextFileRefused) as refused:
        decode(data, filename)
    return refused.value


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp932", "Shift_JIS"),
        ("euc_jp", "EUC-JP"),
        ("iso2022_jp", "ISO-2022-JP"),
    ],
)
def test_the_encodings_of_offices(codec: str, name: str) -> None:
    sample = SAMPLE if codec not in ("euc_jp", "iso2022_jp") else SAMPLE.replace("①", "(1)")
    read = read_text_file(sample.encode(codec), "text.txt")
    assert (read.text, read.encoding) == (sample, name)


@pytest.mark.parametrize("codec", ["euc_jis_2004", "iso2022_jp_ext", "utf-16-be", "utf-32", "cp932"])
@pytest.mark.parametrize(
    "text",
    [SAMPLE + "①㈱\n", SAMPLE + "ｶﾌﾞｼｷｶﾞｲｼﾔ ﾐﾅﾄ\n" * 8, "協定書\n第一条 目的\n"],
    ids=["signs", "kana", "kanji"],
)
def test_what_else_offices_write_is_read(codec: str, text: str) -> None:
    text = re.sub("[①㈱]", "", text) if codec == "iso2022_jp_ext" else text
    assert decode(text.encode(codec)) == text


def test_a_damaged_file_is_not_read_in_another_encoding() -> None:
    data = (SAMPLE * 3).encode()
    assert refusal(data[:300] + data[301:]).code is Refusal.NOT_DECODABLE


@pytest.mark.parametrize("codec", ["cp932", "euc_jp"])
@pytest.mark.parametrize(
    "text", ["第1条 甲は、乙に払う。", "木を植える。", "アイデアとコピー、カタログ。", "甲乙は、協議する"]
)
def test_short_texts_are_not_taken_for_another_encoding(codec: str, text: str) -> None:
    assert decode(text.encode(codec)) == text


@pytest.mark.parametrize("times", [1, 30])
@pytest.mark.parametrize(
    ("codec", "text"),
    [
        (
            "gb18030",
            "合作协议书。第一条 甲方提供场地，乙方负责管理。本协议自签字之日起生效，有效期为三年。\n",
        ),
        ("big5", "合作協議書。第一條 甲方提供場地，乙方負責管理。本協議自簽字之日起生效，有效期為三年。\n"),
        ("euc_kr", "업무 협약서. 제1조 갑은 시설을 제공하고, 을은 이를 관리한다. 유효기간은 3년으로 한다.\n"),
    ],
)
def test_the_encodings_of_neighbours_are_not_read_as_japanese(codec: str, text: str, times: int) -> None:
    assert refusal((text * times).encode(codec)).code is Refusal.NOT_DECODABLE


def test_line_ends_and_controls() -> None:
    raw = "木を植える\r\n草を刈る\r花\x07\u200b水\v土\u2028空\u202e\f紙\t石"
    assert decode(raw.encode()) == "木を植える\n草を刈る\n花水\n土\n空\f紙\t石"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Refusal.EMPTY),
        (b" \r\n\t \n", Refusal.EMPTY),
        (b"\xef\xbb\xbf", Refusal.EMPTY),
        ("\u200b\u200b".encode(), Refusal.EMPTY),
        (b"Only English here.\n", Refusal.NO_JAPANESE),
        ("木".encode() * (MOST_BYTES // 3 + 1), Refusal.TOO_LARGE),
        (b"\x80\x81\xff\xfe\xa0", Refusal.NOT_DECODABLE),
        ("Tschüß, café, naïve façade".encode("latin-1"), Refusal.NOT_DECODABLE),
        ("緑地の協定書".encode() + b"\xe7\xb7", Refusal.NOT_DECODABLE),
        (b"\xff\xfe\x00", Refusal.NOT_DECODABLE),
        ("緑地の協定".encode() + b"\x00\x01\x02", Refusal.BINARY),
        (bytes(range(256)) * 4, Refusal.BINARY),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(data: bytes, code: Refusal) -> None:
    assert refusal(data).code is code


@pytest.mark.parametrize(
    ("data", "filename", "looks_like"),
    [
        (b"%PDF-1.7\n\x00", "agreement.txt", "pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.4 \x00", "agreement.txt", "pdf"),
        (zipped("[Content_Types].xml", "word/document.xml"), "agreement.txt", "word"),
        (zipped("xl/workbook.xml"), "agreement.txt", "excel"),
        (zipped("ppt/presentation.xml"), "agreement.txt", "powerpoint"),
        (zipped("a.txt"), "agreement.txt", "archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "agreement.DOC", "word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "agreement.jtd", "ichitaro"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "agreement.txt", "old_office"),
        (b"{\\rtf1\\ansi}", "agreement.txt", "rich_text"),
        (b"\x89PNG\r\n\x1a\n\x00", "agreement.txt", "image"),
        (b"\x00\x01\x02\x03", "agreement.txt", "unknown"),
    ],
)
def test_a_binary_file_is_named_for_what_it_is(data: bytes, filename: str, looks_like: str) -> None:
    refused = refusal(data, filename)
    assert (refused.code, refused.params["looks_like"]) == (Refusal.BINARY, looks_like)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_text_or_a_refusal(data: bytes) -> None:
    with suppress(TextFileRefused):
        text = decode(data, "any.txt")
        assert text.strip()
        assert "\r" not in text
        assert "\x00" not in text


@given(
    st.text("甲乙は、に木を植える。第1条アカデミア\n", min_size=8),
    st.sampled_from(["utf-8", "utf-16", "cp932", "euc_jp"]),
)
def test_japanese_texts_come_back_from_any_encoding(text: str, codec: str) -> None:
    sentence = f"緑地の手入れについて、次のとおり定める。{text}"
    assert decode(sentence.encode(codec)) == sentence
