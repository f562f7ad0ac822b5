"""Every door through which a file comes in, and every hostile file at it: refused with the reason, and nothing of it kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.html import escape
from django.utils.translation import gettext

from iconm_portal.forms.file_fields import OutsideFileField
from iconm_portal.forms.inspection import texts
from iconm_portal.forms.inspection.refusals import Refusal
from iconm_portal.models import FileContent, StoredFile, TableImport, WaitingContent, WaitingFile
from tests import hostile_files as hostile
from tests.builders.sent_forms import SeenForm, posted_forms
from tests.hostile_files import Hostile
from tests.people import client_of
from tests.repository.test_access import PAGES, World, make_world
from tests.repository.test_repository import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]

TYPED = "書きかけの文"
KEPT = (StoredFile, FileContent, WaitingFile, WaitingContent, TableImport)


@dataclass(frozen=True)
class Door:
    """A field of a form that takes a file, as somebody has it before them."""

    client: Client
    form: SeenForm
    field: str

    def send(self, case: Hostile) -> HttpResponse:
        text = {name: TYPED for name, kind in self.form.kinds.items() if kind == "textarea"}
        data = self.form.filled(**text) | {self.field: SimpleUploadedFile(case.name, case.make())}
        return self.client.post(self.form.action, data, follow=True)


DOORS = {
    "kpi:report_entry",
    "kpi:report_upload",
    "kpi:record",
    "kpi:record_new",
    "kpi:record_edit",
    "kpi:record_imports",
    "kpi:set_ups",
    "finance:statement_entry",
    "finance:import_entries",
    "finance:import_statement",
    "agreements:conclusion",
    "agreements:consultation_new",
    "agreements:edition_import",
    "agreements:edition_conclusion",
    "agreements:duty",
}
"""The pages that have one; `agreements:consultation_edit` shows the form of `consultation_new`."""
DRAFT_DOORS = {"kpi:report_entry", "finance:statement_entry"}
"""Where the rest of the form is saved, and the page shown again says what came of the file."""
TABLE_DOORS = {"kpi:record_imports", "finance:import_entries", "finance:import_statement"}
SHEET_DOOR, WORDING_DOOR = "kpi:report_upload", "agreements:edition_import"
WORKBOOK_DOORS = {SHEET_DOOR, "kpi:set_ups"}


def doors(world: World, name: str) -> Iterator[Door]:
    """The first of the page: one with a line for each indicator has the same for each."""
    address = reverse(name, kwargs=PAGES[name][0].arguments(world))
    for column in ("foundation_staff", "city_staff"):
        client = client_of(world.people[column])
        found = [
            Door(client, form, field)
            for form in posted_forms(client.get(address))
            for field, kind in form.kinds.items()
            if kind == "file"
        ]
        if found:
            yield found[0]
            return
    raise LookupError(name)


def cases(name: str) -> tuple[Hostile, ...]:
    """What is sent there."""
    if name in TABLE_DOORS:
        return (*hostile.TABLES, *hostile.TEXTS)
    if name == WORDING_DOOR:
        return (*hostile.TABLES, *hostile.TEXTS, *hostile.EVIDENCE, *hostile.WORDINGS)
    return hostile.TABLES if name in WORKBOOK_DOORS else (*hostile.TABLES, *hostile.TEXTS, *hostile.EVIDENCE)


def says_why(name: str, door: Door, case: Hostile, page: str) -> bool:
    """Whether the page gives the reason, at its field. A wording's own reader says what is no text; a sheet has 5 MB."""
    is_at_field = "field--error" in page or f'href="#id_{door.field}"' in page
    if not is_at_field and name not in DRAFT_DOORS:
        return False
    codes = {case.code, Refusal.TOO_BIG} if name == SHEET_DOOR else {case.code}
    beginnings = [escape(gettext(texts.REFUSALS[code]).partition("%(")[0]) for code in codes]
    return name == WORDING_DOOR or any(beginning in page for beginning in beginnings)


@pytest.mark.parametrize("each", [4, pytest.param(1, marks=pytest.mark.verify)])
@pytest.mark.parametrize("name", sorted(DOORS))
def test_a_hostile_file_is_refused_with_its_reason_and_nothing_is_kept(
    name: str, each: int, record_property: Callable[[str, int], None]
) -> None:
    """Every fourth kind of file at a door, others at the next one; in the long proof, all at all."""
    world = make_world("own")
    before = [model.objects.count() for model in KEPT]
    for case in list(cases(name))[sorted(DOORS).index(name) % each :: each]:
        for door in doors(world, name):  # a draft is another version after each
            has_text = "textarea" in door.form.kinds.values()
            answer = door.send(case)
            page = answer.content.decode()
            assert answer.status_code in (200, 400), case
            assert says_why(name, door, case, page), case
            assert TYPED in page or not has_text, case
            assert [model.objects.count() for model in KEPT] == before, case
            record_property("hostile files", 1)


def test_there_is_no_other_door() -> None:
    """A form that takes a file has its template say so to the browser, and its field is one that looks."""
    for app in ("iconm_portal", "agreements", "finance", "kpi"):
        for path in (ROOT / app).rglob("*.py"):
            code = path.read_text()
            if path.name != "file_fields.py":
                assert "forms.FileField" not in code.replace("isinstance(field, forms.FileField", "").replace(
                    "isinstance(bound.field, forms.FileField", ""
                ), path
                assert "FILES[" not in code, path
                assert "FILES.get" not in code, path


def test_every_field_that_takes_a_file_looks_at_it() -> None:
    assert get_resolver().url_patterns  # so that every form is known
    fields = [
        field
        for form in every_form(forms.BaseForm)
        for field in getattr(form, "base_fields", {}).values()
        if isinstance(field, forms.FileField)
    ]
    assert len(fields) >= 8
    assert [field for field in fields if not isinstance(field, OutsideFileField)] == []


def every_form(above: type) -> Iterator[type]:
    for form in above.__subclasses__():
        if not form.__module__.startswith("tests."):
            yield form
        yield from every_form(form)
