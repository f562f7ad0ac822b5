"""Forms of a page as a browser knows them, filled in with whatever they take: for tests of every form there is."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse

USUAL_DAY = "2026-06-01"


@dataclass
class SeenForm:
    """One form: where it is posted to, what stands in its fields, and what can be chosen in them."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def filled(self, **typed: Any) -> dict[str, Any]:
        """With something in every field that is blank, as far as a stranger can guess what it takes."""
        usual = {
            name: self._usual(name, kind) for name, kind in self.kinds.items() if not self.fields.get(name)
        }
        return {name: text for name, text in {**self.fields, **usual, **typed}.items() if text != ""}

    def _usual(self, name: str, kind: str) -> str:
        if kind in ("checkbox", "file", "hidden"):
            return ""
        if self.choices[name]:
            return next((choice for choice in self.choices[name] if choice), "")
        if kind == "email":
            return "someone@example.jp"
        if kind == "number":
            return "5"
        if re.search(r"(_on|date|_from|as_of)$", name):
            return USUAL_DAY
        if name.endswith("_year"):
            return ""
        return "new-code" if name in ("code", "username") else "文"


class _Forms(HTMLParser):
    """The forms that are posted."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[SeenForm] = []
        self._is_open = False
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_open = given.get("method", "get").lower() == "post"
            if self._is_open:
                self.forms.append(SeenForm(given.get("action", "").partition("?")[0] or self.address))
        if not self._is_open:
            return
        form, name = self.forms[-1], given.get("name", "")
        if tag == "option" and self._select:
            form.choices[self._select].append(given.get("value", ""))
            if "selected" in given:
                form.fields[self._select] = given.get("value", "")
        elif name and tag == "input":
            self._input(form, name, given)
        elif name and tag == "select":
            self._select = name
            form.kinds[name] = "select"
        elif name and tag == "textarea":
            self._textarea = name
            form.kinds[name], form.fields[name] = "textarea", ""

    def _input(self, form: SeenForm, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        form.kinds[name] = "number" if given.get("inputmode") in ("numeric", "decimal") else kind
        if kind in ("checkbox", "radio"):
            form.choices[name].append(given.get("value", "on"))
            if "checked" in given:
                form.fields[name] = given.get("value", "on")
        elif kind != "file":
            form.fields[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_open = False
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            fields = self.forms[-1].fields
            fields[self._textarea] = (fields[self._textarea] + data).removeprefix("\n")


def posted_forms(page: HttpResponse) -> list[SeenForm]:
    """Every form of a page that is posted, in its order."""
    return forms_in(page.content.decode(), page.request["PATH_INFO"])  # type: ignore[attr-defined]


def forms_in(page: str, address: str) -> list[SeenForm]:
    """The same of a page that came over HTTP."""
    parser = _Forms(address)
    parser.feed(page)
    return parser.forms


def form_to(page: HttpResponse, address: str) -> SeenForm:
    """The last one that is posted to the address. LookupError where the page has none."""
    for form in reversed(posted_forms(page)):
        if form.action == address:
            return form
    raise LookupError(f"{page.request['PATH_INFO']} has no form to {address}")  # type: ignore[attr-defined]
