"""The house's look: readable colours, forms and tables that speak, pages that stand without a database."""

import re
from collections import namedtuple
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import django_tables2 as tables
import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from iconm_portal.display.template_tags import SIGNS, chip, sign
from iconm_portal.values.fiscal import FiscalYear
from tests.readers.markup import tight

CSS = (Path(settings.BASE_DIR) / "static" / "css" / "portal.css").read_text()
TOKENS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", CSS))


# Colours and sizes


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [(ink, "paper") for ink in ("text", "text-2", "key", "key-dark", "good", "bad", "warn")]
    + [(ink, "fill") for ink in ("text", "text-2", "key", "bad", "warn")]
    + [
        ("good", "good-fill"),
        ("bad", "bad-fill"),
        ("warn", "warn-fill"),
        ("key", "key-fill"),
        ("text-2", "key-fill"),
    ],
)
def test_text_can_be_read(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("ink", ["second", "rule-strong"])
def test_shapes_and_borders_of_controls_can_be_seen(ink: str) -> None:
    assert contrast(ink, "paper") >= 3


def test_no_text_is_smaller_than_fourteen_pixels() -> None:
    on_screen = CSS.split("@media print")[0]
    sizes = [float(size) for size in re.findall(r"(?:font-size|--s-\w+): ([\d.]+)rem", on_screen)]
    pixels = [int(size) for size in re.findall(r"font-size: (\d+)px", on_screen)]
    assert min(sizes) >= 14 / 16
    assert min(pixels) >= 14


def test_colours_are_named_once() -> None:
    rules = CSS.split("/* ---- ground")[1]
    assert set(re.findall(r"#[0-9a-f]{6}", rules)) <= {"#000000", "#ffffff", "#e6e6e6", "#fafafa"}


def test_paper_keeps_its_tables() -> None:
    # A4 is narrower than a tablet; a rule for narrow windows that forgot "screen" would print lists.
    assert re.findall(r"@media \(max-width[^)]*\)", CSS) == []


@pytest.mark.parametrize("kind", sorted(SIGNS))
def test_colour_never_speaks_alone(kind: str) -> None:
    assert sign(kind).strip()
    assert re.search(r'aria-hidden="true">.</span>Word</span>$', chip(kind, "Word"))


# Pages without context


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "403_csrf.html", "404.html", "409.html", "500.html"]
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_error_page_needs_no_context_and_no_database(name: str, language: str) -> None:
    with translation.override(language):
        html = render_to_string(name)
    assert f'<html lang="{language}">' in html
    assert html.count("<h1") == 1
    assert "<nav" not in html
    assert '<a href="/">' in html


def test_the_times_in_the_texts_are_those_of_the_settings() -> None:
    with translation.override("en"):
        assert "after 15 minutes" in render_to_string("registration/locked.html")
        assert "within 24 hours" in render_to_string("registration/password_reset_done.html")
    assert timedelta(minutes=15) == settings.AXES_COOLOFF_TIME
    assert timedelta(hours=24) == timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


# Forms


class PersonForm(forms.Form):
    name = forms.CharField(label="Name")
    mail = forms.EmailField(label="Mail", required=False, help_text="For notices.")
    role = forms.ChoiceField(label="Role", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    active = forms.BooleanField(label="Active", required=False, help_text="May log in.")

    def clean(self) -> None:
        raise forms.ValidationError("These do not fit together.")


@pytest.fixture
def refused() -> str:
    with translation.override("en"):
        return tight(PersonForm({"mail": "x"}).render())


def test_each_error_is_summed_up_with_a_link_to_its_field(refused: str) -> None:
    targets = re.findall(r'<a href="#(.*?)">', refused)
    assert targets == ["id_name", "id_mail", "id_role"]
    assert all(f'id="{target}"' in refused for target in targets)
    assert "<li>These do not fit together.</li>" in refused
    assert "<li></li>" not in refused


def test_each_error_is_repeated_at_its_field_and_read_out_with_it(refused: str) -> None:
    assert '<ul class="errors" id="id_mail_error">' in refused
    assert re.search(r'<input type="email"[^>]*aria-describedby="id_mail_helptext id_mail_error"', refused)
    assert 'id="id_mail_helptext">For notices.' in refused


def test_a_required_field_says_so_in_words(refused: str) -> None:
    labels = re.findall(
        r"<(?:label class=\"field__label\"[^>]*|legend)>(.*?)</(?:label|legend)>", refused, re.DOTALL
    )
    assert ["required" in label for label in labels] == [True, False, True]


def test_a_form_without_errors_has_no_summary() -> None:
    assert "error-summary" not in PersonForm().render()


def test_a_sheet_of_many_forms_has_one_summary() -> None:
    error = namedtuple("Error", "label message target")
    errors = [error("Patents", "Not a number.", "id_3"), error("", "Somebody else saved.", "")]
    with translation.override("en"):
        html = tight(render_to_string("components/error_summary.html", {"errors": errors}))
    assert '<a href="#id_3">Patents: Not a number.</a>' in html
    assert "<li>Somebody else saved.</li>" in html


# Tables


class PeopleTable(tables.Table):
    caption = "People"
    name = tables.Column()
    count = tables.Column(attrs={"td": {"class": "num"}, "th": {"class": "num"}})
    note = tables.Column(orderable=False)

    class Meta:
        empty_text = "Nobody yet. Add the first person."


def shown(address: str, people: int) -> str:
    request = RequestFactory().get(address)
    table = PeopleTable([{"name": f"P{number:02}", "count": number, "note": ""} for number in range(people)])
    tables.RequestConfig(request, paginate={"per_page": 10}).configure(table)
    with translation.override("en"):
        return tight(str(table.as_html(request)))


def test_a_table_names_its_columns_rows_and_order() -> None:
    html = shown("/?sort=-count", people=3)
    assert "<caption>People</caption>" in html
    assert re.search(
        r'<th scope="col" class="[^"]*num[^"]*" aria-sort="descending"><a href="\?sort=count">', html
    )
    assert html.count("aria-sort") == 1
    assert '<th scope="col">Note</th>' in html
    assert html.count('<th scope="row"') == 3
    assert '<td class="num" data-label="Count">2</td>' in html


def test_a_long_table_has_pages_that_keep_the_order() -> None:
    html = shown("/?sort=name&page=2", people=25)
    assert '<span aria-current="page">2</span>' in html
    assert re.search(r'rel="next" href="\?sort=name&amp;page=3"', html)
    assert "25 entries" in html


def test_an_empty_table_says_what_to_do() -> None:
    html = shown("/", people=0)
    assert "Nobody yet. Add the first person." in html
    assert "<table" not in html


# What templates write with


@pytest.mark.parametrize(
    ("code", "value", "japanese", "english"),
    [
        ("era_date", date(2021, 11, 30), "令和3年11月30日", "30 November 2021"),
        ("era_date", datetime(2021, 11, 30, 16, tzinfo=UTC), "令和3年12月1日", "1 December 2021"),
        ("era_date_short", date(2021, 11, 30), "R3.11.30", "30 Nov 2021"),
        (
            "era_time",
            datetime(2021, 11, 30, 5, 2, tzinfo=UTC),
            "令和3年11月30日 14:02",
            "30 November 2021, 14:02",
        ),
        ("as_of", date(2021, 11, 30), "令和3年11月末", "end of November 2021"),
        ("as_of_short", date(2021, 11, 30), "R3.11末", "30 Nov 2021"),
        ("fiscal_year", FiscalYear(2019), "令和元年度", "FY2019"),
        ("fiscal_year_short", FiscalYear(2019), "R1", "FY2019"),
        ("number", Decimal("-23477.50"), "▲23,477.5", "▲23,477.5"),
        ("number:1", Decimal(24), "24.0", "24.0"),
        ("number", 0, "0", "0"),
        ("number", None, "", ""),
        ("as_of", None, "", ""),
    ],
)
def test_values_are_written_in_the_readers_language(
    code: str, value: Any, japanese: str, english: str
) -> None:
    template = Template("{{ value|" + code + " }}")
    for language, expected in (("ja", japanese), ("en", english)):
        with translation.override(language):
            assert template.render(Context({"value": value})) == expected
