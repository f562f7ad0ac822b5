"""Reading a page's form as a browser would send it, and sending it with something else typed."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from kpi.models import Report


class _Fields(HTMLParser):
    """The fields of one form with what stands in them."""

    def __init__(self, holds: str) -> None:
        super().__init__()
        self.holds = holds
        self.forms: list[dict[str, str]] = []
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        if not self.forms or ("name" not in given and tag != "option"):
            return
        fields = self.forms[-1]
        kind = given.get("type", "text")
        if tag == "input" and kind != "file" and (kind not in {"checkbox", "radio"} or "checked" in given):
            fields[given["name"]] = given.get("value", "on" if kind == "checkbox" else "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and "selected" in given:
            fields[self._select] = given["value"]
        elif tag == "textarea":
            self._textarea = given["name"]
            fields[self._textarea] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            # Browsers drop the line break that follows the opening tag.
            self.forms[-1][self._textarea] = self.forms[-1][self._textarea].removeprefix("\n")
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.forms[-1][self._textarea] += data


def form_of(response: HttpResponse, holds: str = "version") -> dict[str, str]:
    """What a browser would send of the last form on the page that has this field."""
    parser = _Fields(holds)
    parser.feed(response.content.decode())
    return next(fields for fields in reversed(parser.forms) if holds in fields)


def address(report: Report, page: str = "") -> str:
    """The address of a report's page or step."""
    center = report.plan.center.code
    return f"/{center}/reports/{report.fiscal_year.start}/{report.pk}/{f'{page}/' if page else ''}"


def opened(client: Client, report: Report) -> dict[str, str]:
    """The entry sheet as the person sees it now."""
    return form_of(client.get(address(report, "entry")), holds="as_of")


def send(client: Client, report: Report, page: dict[str, Any], **typed: Any) -> HttpResponse:
    """Save a sheet that was opened earlier, with this typed into it (`trials_value` for trials-value)."""
    data = page | {
        name.replace("_", "-", 1) if name != "as_of" else name: value for name, value in typed.items()
    }
    return client.post(address(report, "entry"), data)


def type_in(client: Client, report: Report, **typed: Any) -> HttpResponse:
    """Open the sheet, type, save."""
    return send(client, report, opened(client, report), **typed)
