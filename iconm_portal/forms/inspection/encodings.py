"""In which encoding a text is: a byte order mark decides, then what can be read without a fault and reads like Japanese. Pure."""

import codecs
import re
from collections.abc import Iterator
from typing import Final

_MARKED: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE: Final = ("utf-16-le", "utf-16-be")
_JIS: Final = "iso2022_jp_ext"
_NARROW: Final = ("cp932", "euc_jis_2004")  # the last has ① and ㈱, which euc_jp has not
NAMES: Final = {
    "utf-8-sig": "UTF-8",
    "cp932": "Shift_JIS",
    "euc_jis_2004": "EUC-JP",
    "iso2022_jp_ext": "ISO-2022-JP",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
}
_BEYOND_ASCII: Final = re.compile(rb"[\x80-\xff]")
_OF_THREE_BYTES: Final = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
_PIECE: Final = 1 << 16
PLAUSIBLE: Final = 0.7
"""The share of letters that a Japanese text may be expected to hold: of what is not ASCII, at least so many."""

# Kana, the kanji of JIS X 0208 levels 1 and 2 that cp932 has, full-width signs. Half-width kana, box lines and Greek are what
# the bytes of one encoding look like in another.
_EXPECTED: Final = re.compile(r"[ぁ-ヶー一-龠々〇　-〕！-～①-⑳㈱−∥—―’“”\u25b3\u25b2￥〆]")
_EXPECTED_WIDE: Final = re.compile(_EXPECTED.pattern[:-1] + "ｦ-ﾟ]")


def encoding_of(data: bytes) -> str | None:
    """The codec that reads it; None for what is no text in any."""
    for mark, codec in _MARKED:
        if data.startswith(mark):
            return codec if _is_readable(data, codec) else None
    if b"\0" in data:
        codec = max(_WIDE, key=lambda codec: _share(data, codec, _EXPECTED_WIDE))
        is_plausible = _is_readable(data, codec) and _share(data, codec, _EXPECTED_WIDE) >= PLAUSIBLE
        return codec if is_plausible else None
    if b"\x1b$" in data:
        return _JIS if _is_readable(data, _JIS) else None
    if _is_readable(data, "utf-8"):
        return "utf-8-sig"
    if _is_damaged_utf_8(data):
        return None
    readable = [codec for codec in _NARROW if _is_readable(data, codec)]
    return max(readable, key=lambda codec: _share(data, codec, _EXPECTED), default=None)


def reads_like_japanese(text: str) -> bool:
    """Whether of what is not ASCII in it so much is Japanese as PLAUSIBLE says; half-width kana are."""
    letters = "".join(letter for letter in text if not _is_plain(letter))
    return bool(letters) and len(_EXPECTED_WIDE.findall(letters)) >= PLAUSIBLE * len(letters)


def _is_readable(data: bytes, codec: str) -> bool:
    """Without a fault, and without a NUL."""
    try:
        return all("\0" not in text for text in _pieces(data, codec))
    except UnicodeError:
        return False


def _is_damaged_utf_8(data: bytes) -> bool:
    """Whether most of it is UTF-8 all the same: it was cut in mid-letter, or some bytes are of another encoding."""
    letters = _OF_THREE_BYTES.findall(data.decode("utf-8", "ignore"))
    return 2 * 3 * len(letters) > len(_BEYOND_ASCII.findall(data))


def _pieces(data: bytes, codec: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)()
    for start in range(0, len(data), _PIECE):
        yield decoder.decode(data[start : start + _PIECE])
    yield decoder.decode(b"", final=True)


def _share(data: bytes, codec: str, expected: re.Pattern[str]) -> float:
    """Of expected letters among those that are not plain ASCII, at the beginning of the text; 1 where all are."""
    text = codecs.getincrementaldecoder(codec)("ignore").decode(data[:_PIECE])
    letters = [letter for letter in text if not _is_plain(letter)]
    return len(expected.findall("".join(letters))) / len(letters) if letters else 1


def _is_plain(letter: str) -> bool:
    return letter.isascii() and (letter.isprintable() or letter in "\t\r\n\f")
