"""What people, programs and attackers type where something else is meant."""

from hypothesis import strategies as st

NUMBERS = [
    *("0", "-0", "−0", "1", "-1", "+1", "00", "1.0", "0.1", "-0.05", "99.95", "100", "100.05", "150", "1e3", "1_000", "1,000"),
    *("1,0,0", "１２３", "１２３．４", "▲5", "△5", "▲ 1,000", "(5)", "（５）", "½", "①", "Ⅳ", "五", "億", "12万", "5%", "5％", "5人"),
    *("2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1" + "0" * 23),
    *("NaN", "sNaN", "Infinity", "-inf", "1E+400000", "1E-400000", "0x10", "1" * 5000, "0." + "0" * 5000 + "1", "٣", "१२", "１e３"),
]  # fmt: skip
DATES = [
    *("令和99年", "令和元年5月1日", "R1.5.1", "R0.1.1", "H31.4.30", "H31.5.1", "H32.1.1", "S64.1.8", "明治5年", "大正16年", "平成三十年"),
    *("2026-02-29", "2024-02-29", "2024-02-30", "0000-01-01", "0001-01-01", "1868-01-01", "9999-12-31", "10000-01-01", "2026-13-01"),
    *("2026-00-00", "2026/6/1", "2026年6月", "2026", "R8", "R8年度", "令和8年度末", "R8.6", "１／１", "29/02/2024", "2026-W10", "20260601"),
    *("2026-06-01T00:00:00", "2026-06-01 ", "-2026-06-01", "2026-6-31", "令和８年６月１日", "R8.4.31", "1900-02-29"),
]  # fmt: skip
TEXTS = [
    *("", " ", "　", "\n", "\t", "\r\n\r\n", "\0", "a\0b", "\ud800", "a\udfffb", "\ufeff", "\u202etxt.exe", "\u2066あ\u2069", "\u200b"),
    *("A" * 100_000, "漢" * 100_000, "é" * 3, "e\u0301" * 50, "\U0001f468\u200d\U0001f469\u200d\U0001f467", "𠮷野家", "ﾊﾝｶｸ", "㍻", "\x1b[31m"),
    *("=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "＝1+1", "\t=1", "<script>alert(1)</script>"),
    *("{{ 7|add:7 }}", "{% now 'Y' %}", "%(name)s", "%s%n", "' OR 1=1 --", "\"; DROP TABLE x; --", "../../etc/passwd", "%00", "\\"),
    *("null", "None", "true", "on", "[]", "{}", "javascript:alert(1)", "http://[::1", "a@b", "//evil.example", "/login/?next=//evil"),
]  # fmt: skip

values = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(DATES),
    st.sampled_from(TEXTS),
    st.integers().map(str),
    st.decimals(allow_nan=True).map(str),
    st.dates().map(str),
    st.text(max_size=40),
    st.text(alphabet=st.characters(categories=("Nd", "No", "Nl", "Sc", "Pd")), max_size=12),
)
FILES = [
    ("a.txt", b""),
    ("=1+1.csv", b"\xff\xfe\x00\x00"),
    ("a.xlsx", b"PK\x03\x04junk"),
    ("\u202exslx.csv", "日付,金額\nR7.6.1,=1\n".encode()),
    ("a" * 300 + ".csv", "日付\r金額\n".encode("cp932")),
    ("../a.pdf", b"%PDF-1.7\n"),
    ("nul.csv", b"a,\0b\n" * 100),
    ("wide.csv", b"," * 100_000),
]
