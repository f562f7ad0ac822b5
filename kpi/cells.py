"""Finished table cells. A scorecard has hundreds of them, and a template's variables cost more than all the rest of
such a page; so the large tables are put together here, from parts that are escaped already."""

from django.utils.html import escape
from django.utils.safestring import SafeString


def td(css: str, label: str, content: str, note: str = "") -> str:
    """One cell. `label` names it on a narrow screen; all parts are markup, not text."""
    return f'<td class="{css}" data-label="{label}">{content}{sub(note)}</td>'


def sub(note: str) -> str:
    """A second line within a cell; nothing for no note."""
    return f'<span class="sub">{note}</span>' if note else ""


def number(text: str, unit: str) -> str:
    """A figure with its unit, which is set smaller. `text` is a formatted number, `unit` is escaped here."""
    return f'{text}<span class="unit">{escape(unit)}</span>'


def joined(cells: list[str]) -> SafeString:
    """The cells of a row, for the template."""
    return SafeString("".join(cells))
