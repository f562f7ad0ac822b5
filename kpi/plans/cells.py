"""Parts of table cells, escaped already."""

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString


def number(text: str, unit: str) -> str:
    """A figure with its unit, which is set smaller. `text` is a formatted number, `unit` is escaped here."""
    return f'{text}<span class="unit">{escape(unit)}</span>'


def joined(cells: list[str]) -> SafeString:
    """The cells of a row, for the template."""
    return SafeString("".join(cells))


def link(url: str, text: str, *, is_japanese: bool = False) -> SafeString:
    """Text that leads to a page; both are escaped here."""
    language = SafeString(' lang="ja"') if is_japanese else ""
    return format_html('<a href="{}"{}>{}</a>', url, language, text)


def japanese(text: str) -> SafeString:
    """Data stays Japanese in every interface, and says so. The text is escaped here."""
    return format_html('<span lang="ja">{}</span>', text) if text else SafeString("")
