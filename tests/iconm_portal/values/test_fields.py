"""The ground's fields: fiscal years in both databases, what forms keep and say, what addresses may hold."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.db.models import F, Max, Min, Q
from django.test.utils import isolate_apps
from django.utils import translation

from iconm_portal.values.converters import BoundedIntConverter, FiscalYearConverter
from iconm_portal.values.fields import EraDateFormField, FiscalYearField, FiscalYearFormField, NumberFormField
from iconm_portal.values.fiscal import FiscalYear

# The model field


@pytest.fixture
def years(db: None) -> Iterator[Any]:
    """A model with two fiscal years, the second optional, in a table that goes with the test's transaction."""
    with isolate_apps("iconm_portal"):

        class Span(models.Model):  # noqa: DJ008 - nobody reads it
            first = FiscalYearField()
            last = FiscalYearField(null=True, blank=True)

            class Meta:
                app_label = "iconm_portal"
                constraints = [
                    models.CheckConstraint(condition=Q(last__gte=F("first")), name="span_forwards"),
                    models.CheckConstraint(condition=Q(first__gte=FiscalYear(2000)), name="span_recent"),
                ]

        # Not as a context manager: on SQLite that refuses to work inside the test's transaction.
        editor = connection.SchemaEditorClass(connection, collect_sql=True)
        editor.deferred_sql = []
        sql, params = editor.table_sql(Span)
        with connection.cursor() as cursor:
            cursor.execute(sql, params or None)
        yield Span


@pytest.fixture
def five(years: Any) -> Any:
    years.objects.bulk_create(years(first=start) for start in (2021, 2018, 2020, 2022, 2019))
    return years


def shorts(rows: Any) -> list[str]:
    return [row.first.short for row in rows]


def test_a_year_comes_back_as_a_year(years: Any) -> None:
    years.objects.create(first=FiscalYear(2019))
    row = years.objects.get()
    assert (row.first, row.last) == (FiscalYear(2019), None)
    assert list(years.objects.values_list("first", "last")) == [(FiscalYear(2019), None)]
    assert years.objects.values("first").get() == {"first": FiscalYear(2019)}


def test_an_assigned_number_is_a_year_at_once(years: Any) -> None:
    row = years(first=2019)
    assert row.first == FiscalYear(2019)
    row.first = 2020
    assert row.first.short == "R2"


def test_lookups_and_order_work_as_on_the_number(five: Any) -> None:
    ordered = five.objects.order_by("first")
    assert shorts(ordered) == ["H30", "R1", "R2", "R3", "R4"]
    assert shorts(ordered.reverse()) == ["R4", "R3", "R2", "R1", "H30"]
    assert shorts(ordered.filter(first=FiscalYear(2019))) == ["R1"]
    assert shorts(ordered.filter(first=2019)) == shorts(ordered.filter(first="令和元年度")) == ["R1"]
    assert shorts(ordered.filter(first__gte=FiscalYear(2021))) == ["R3", "R4"]
    assert shorts(ordered.filter(first__gt=FiscalYear(2021))) == ["R4"]
    assert shorts(ordered.filter(first__lte=FiscalYear(2019))) == ["H30", "R1"]
    assert shorts(ordered.filter(first__lt=FiscalYear(2019))) == ["H30"]
    assert shorts(ordered.filter(first__in=[FiscalYear(2018), 2022])) == ["H30", "R4"]
    assert shorts(ordered.filter(first__range=(FiscalYear(2019), FiscalYear(2020)))) == ["R1", "R2"]
    assert shorts(ordered.exclude(first=FiscalYear(2019)).filter(last__isnull=True)) == [
        "H30",
        "R2",
        "R3",
        "R4",
    ]


def test_aggregates_and_expressions_are_years(five: Any) -> None:
    assert five.objects.aggregate(Min("first"), Max("first")) == {
        "first__min": FiscalYear(2018),
        "first__max": FiscalYear(2022),
    }
    five.objects.update(last=F("first") + 1)
    assert five.objects.get(first=2019).last == FiscalYear(2020)
    assert five.objects.filter(last=F("first") + 1).count() == 5


@pytest.mark.parametrize("year", [FiscalYear(1999), FiscalYear(1868)])
def test_constraints_may_name_a_year(years: Any, year: FiscalYear) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        years.objects.create(first=year)
    with pytest.raises(IntegrityError), transaction.atomic():
        years.objects.create(first=2020, last=2019)
    with pytest.raises(ValidationError, match="span_forwards"):
        years(first=2020, last=2019).full_clean()
    years(first=2019, last=2019).full_clean()


def test_the_database_refuses_what_is_no_year(years: Any) -> None:
    table = connection.ops.quote_name(years._meta.db_table)
    with connection.cursor() as cursor:
        for wrong in (3000, 25000):
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(f"INSERT INTO {table} (first) VALUES ({wrong})")  # noqa: S608  (our own numbers)


@pytest.mark.parametrize("wrong", [3000, 10**23, "来年度", 2019.5, date(2019, 4, 1)])
def test_what_is_no_year_is_neither_saved_nor_sought(years: Any, wrong: object) -> None:
    with pytest.raises(ValidationError, match="first"):
        years(first=wrong).full_clean()
    with pytest.raises((ValueError, TypeError)):
        years(first=wrong).save()
    with pytest.raises((ValueError, TypeError)):
        years.objects.filter(first=wrong).exists()


def test_a_fixture_holds_the_western_year(years: Any) -> None:
    (record,) = serializers.serialize("python", [years(first=2019)])
    assert record["fields"] == {"first": "2019", "last": None}
    field = years._meta.get_field("first")
    assert field.value_to_string(years(first=2019)) == "2019"
    assert field.to_python("2019") == FiscalYear(2019)


def test_a_migration_names_field_and_years() -> None:
    text, imports = MigrationWriter.serialize(FiscalYearField(default=FiscalYear(2019)))
    assert (
        text
        == "iconm_portal.values.fields.FiscalYearField(default=iconm_portal.values.fiscal.FiscalYear(2019))"
    )
    assert imports == {"import iconm_portal.values.fields", "import iconm_portal.values.fiscal"}
    text, _imports = MigrationWriter.serialize(Q(first__gte=FiscalYear(2000)))
    assert "iconm_portal.values.fiscal.FiscalYear(2000)" in text


def test_the_model_field_offers_the_form_field() -> None:
    field = FiscalYearField(null=True, blank=True).formfield()
    assert isinstance(field, FiscalYearFormField)
    assert not field.required


# Form fields


class TypedForm(forms.Form):
    year = FiscalYearFormField(required=False, earliest=FiscalYear(2015), latest=FiscalYear(2025))
    day = EraDateFormField(required=False, earliest=date(2015, 4, 1), latest=date(2026, 11, 24))
    number = NumberFormField(required=False, unit="件", decimals=0, minimum=0, maximum=1000)


def error_of(name: str, typed: str, language: str = "en") -> str:
    """The one message that a form shows for what was typed, in a language."""
    with translation.override(language):
        form = TypedForm({name: typed})
        assert not form.is_valid()
        (message,) = form.errors[name]
        assert form[name].value() == typed
        return str(message)


def test_forms_understand_what_people_type() -> None:
    form = TypedForm({"year": "令和元年度", "day": "R3.11末", "number": "１２件"})
    assert form.is_valid()
    assert form.cleaned_data == {
        "year": FiscalYear(2019),
        "day": date(2021, 11, 30),
        "number": Decimal(12),
    }


@pytest.mark.parametrize("blank", ["", " ", "\u3000"])
def test_a_blank_is_nothing(blank: str) -> None:
    form = TypedForm({"year": blank, "day": blank, "number": blank})
    assert form.is_valid()
    assert set(form.cleaned_data.values()) == {None}


@pytest.mark.parametrize("field", [FiscalYearFormField(), EraDateFormField(), NumberFormField()])
def test_a_blank_is_refused_where_something_is_required(field: forms.Field) -> None:
    with pytest.raises(ValidationError) as refused:
        field.clean(" ")
    assert refused.value.error_list[0].code == "required"


def test_zero_is_not_blank() -> None:
    assert NumberFormField().clean("0") == 0


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        (
            "year",
            "来年度",
            "“来年度” is not understood as a fiscal year. Write it like 令和6年度, R6 or 2024.",
        ),
        ("year", "2014", "The fiscal year must not be before FY2015."),
        ("year", "R8", "The fiscal year must not be after FY2025."),
        ("day", "2021-02-30", "“2021-02-30” does not exist in the calendar."),
        ("day", "2015-03-31", "The date must not be before 2015-04-01."),
        ("day", "R8.11.25", "The date must not be after 2026-11-24."),
        ("number", "1_000", "“_” cannot stand in a number. Write digits, for example 1,234."),
        ("number", "5.5", "Write a whole number, without decimals."),
        ("number", "1001", "The number must not be above 1,000."),
        ("number", "▲1", "The number must not be below 0."),
        (
            "number",
            "87%",
            "The value is entered in 件, but “87%” is written in %. Convert it, or leave the unit out.",
        ),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(name: str, typed: str, message: str) -> None:
    assert error_of(name, typed) == message


def test_bounds_are_named_in_the_readers_language() -> None:
    assert "令和7年度" in error_of("year", "R8", "ja")
    assert "令和8年11月24日" in error_of("day", "R8.11.25", "ja")


def test_values_are_shown_as_they_are_written() -> None:
    form = TypedForm(
        initial={"year": FiscalYear(2024), "day": date(2024, 3, 31), "number": Decimal("-1234.500000")}
    )
    with translation.override("ja"):
        assert [field.value() for field in form] == ["令和6年度", "令和6年3月31日", "▲1,234.5"]
    with translation.override("en"):
        assert [field.value() for field in form] == ["FY2024", "2024-03-31", "▲1,234.5"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_form_sent_back_as_shown_has_not_changed(language: str) -> None:
    initial = {"year": FiscalYear(2024), "day": date(2024, 3, 31), "number": Decimal("234.000000")}
    with translation.override(language):
        shown = {field.name: field.value() for field in TypedForm(initial=initial)}
        assert not TypedForm(shown, initial=initial).has_changed()
        assert TypedForm(shown | {"number": "235"}, initial=initial).changed_data == ["number"]
        assert TypedForm(shown | {"number": "2O4"}, initial=initial).changed_data == ["number"]
        assert TypedForm(shown | {"number": ""}, initial=initial).changed_data == ["number"]


def test_a_number_is_typed_into_a_plain_text_input() -> None:
    html = str(TypedForm()["number"])
    for part in ('type="text"', 'inputmode="decimal"', 'class="number"', 'autocomplete="off"'):
        assert part in html


def test_a_class_of_the_form_stays_beside_the_fields_own() -> None:
    widget = forms.TextInput(attrs={"class": "wide"})
    assert NumberFormField(widget=widget).widget.attrs["class"] == "wide number"


@pytest.mark.parametrize("value", [10**23, object(), True, ["2019"]])
def test_a_year_field_refuses_foreign_values(value: object) -> None:
    with pytest.raises(ValidationError):
        FiscalYearFormField().clean(value)


# Addresses


def test_a_fiscal_year_in_an_address_is_its_western_year() -> None:
    converter = FiscalYearConverter()
    assert converter.to_python("2019") == FiscalYear(2019)
    assert converter.to_url(FiscalYear(2019)) == converter.to_url(2019) == "2019"
    with pytest.raises(ValueError, match="between"):
        converter.to_python("9999")


def test_keys_in_addresses_are_bounded() -> None:
    converter = BoundedIntConverter()
    assert converter.to_python("999999999") == 999_999_999
    assert converter.to_url(5) == "5"
    assert re.fullmatch(converter.regex, "999999999")
    for wrong in ("0", "01", "-1", "1000000000", "1" * 24):
        assert not re.fullmatch(converter.regex, wrong)
