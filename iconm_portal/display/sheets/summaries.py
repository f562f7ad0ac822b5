"""How papers mark a text that is the portal's own summary of what the parties' documents say."""

from typing import Final

MARK: Final = "（要旨）"
MEANING: Final = (
    "資料の記載を当ポータルが要約したもの。双方が正式な文言を確認するまで、これに代えて示す。そのほかは 0"
)


def printed_text(text: str, *, is_summary: bool) -> str:
    """The text with its mark."""
    return f"{text}{MARK}" if is_summary else text


def summary_notes(has_any: bool) -> list[str]:
    """What the mark means, under a sheet that has one."""
    return [f"※ {MARK}は当ポータルの要約であり、正式な文言ではない。"] if has_any else []
