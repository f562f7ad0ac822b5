"""Fields for the ground's values: fiscal years in models and forms, era dates and typed numbers in forms."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.serializer import BaseSerializer
from django.db.migrations.writer import MigrationWriter
from django.db.models.expressions import Combinable
from django.db.models.query_utils import DeferredAttribute
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext_lazy as _

from iconm_portal.values import fiscal, number_input, partial_date
from iconm_portal.values.fiscal import EraInputError, FiscalYear
from iconm_portal.values.money import format_number
from iconm_portal.values.number_input import NumberInputError
from iconm_portal.values.written import date_input

# Fiscal years in the database


class FiscalYearAttribute(DeferredAttribute):
    """Makes `row.fiscal_year = 2019` a FiscalYear at once, so that no code meets a bare number."""

    def __set__(self, row: models.Model, value: object) -> None:
        row.__dict__[self.field.attname] = _fiscal_year_if_whole(value)


class FiscalYearField(models.SmallIntegerField):
    """A fiscal year, kept as the Western year in which it starts; the database refuses others than 1868–2999.

    Python sees `FiscalYear`. Whole numbers are accepted in filters and assignments, and so is, in filters and
    fixtures, what `FiscalYear.parse` understands. Ordering, gte, lte, in, range, Min, Max and F() work as on
    the number.
    """

    # How django-stubs learns what is assigned and what is read; the integer field says int, we say otherwise.
    _pyi_private_set_type: FiscalYear | int | Combinable  # type: ignore[assignment]
    _pyi_private_get_type: FiscalYear  # type: ignore[assignment]
    _pyi_lookup_exact_type: FiscalYear | int | str  # type: ignore[assignment]

    description = gettext_lazy("Fiscal year")
    descriptor_class = FiscalYearAttribute
    default_error_messages = {
        "invalid": gettext_lazy("“%(value)s” is not a fiscal year."),
    }

    @cached_property
    def validators(self) -> list[Callable[..., None]]:
        """None of the integer field's bounds: a FiscalYear carries its own."""
        return super(models.IntegerField, self).validators

    def from_db_value(
        self, value: int | None, expression: object, connection: BaseDatabaseWrapper
    ) -> FiscalYear | None:
        return None if value is None else FiscalYear(value)

    def to_python(self, value: object) -> FiscalYear | None:
        try:
            return _to_fiscal_year(value)
        except (TypeError, ValueError) as error:
            raise ValidationError(
                self.error_messages["invalid"], code="invalid", params={"value": value}
            ) from error

    def get_prep_value(self, value: Any) -> int | None:
        year = _to_fiscal_year(value)
        return None if year is None else year.start

    def value_to_string(self, obj: models.Model) -> str:
        year = self.get_prep_value(self.value_from_object(obj))
        return "" if year is None else str(year)

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        column = connection.ops.quote_name(str(self.column))
        return f"{column} BETWEEN {fiscal.FIRST_YEAR} AND {fiscal.LAST_YEAR}"

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": FiscalYearFormField, **kwargs})


class FiscalYearSerializer(BaseSerializer):
    """Writes a FiscalYear in a constraint or a default into a migration."""

    def serialize(self) -> tuple[str, set[str]]:
        return f"iconm_portal.values.fiscal.FiscalYear({self.value.start})", {
            "import iconm_portal.values.fiscal"
        }


MigrationWriter.register_serializer(FiscalYear, FiscalYearSerializer)


def _to_fiscal_year(value: object) -> FiscalYear | None:
    """ValueError or TypeError for what is no fiscal year; a blank is None."""
    if value is None or isinstance(value, FiscalYear):
        return value
    if isinstance(value, str):
        return FiscalYear.parse(value) if value.strip() else None
    if isinstance(value, int):
        return FiscalYear(value)
    raise TypeError(f"{value!r} is not a fiscal year")


def _fiscal_year_if_whole(value: object) -> object:
    """Anything else (None, F(), a mistake) is left to validation and to the database."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return FiscalYear(value) if fiscal.FIRST_YEAR <= value <= fiscal.LAST_YEAR else value


# Forms: what is typed stays in the field when it is refused


class TypedField(forms.Field):
    """A one-line text that a pure parser reads; its messages are translated here."""

    inputmode = "text"
    css_class = ""
    longest = fiscal.LONGEST_INPUT

    def parse(self, typed: str) -> Any:
        """The value of a text that is not blank; EraInputError or NumberInputError otherwise."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return self.parse(value)
        except (EraInputError, NumberInputError) as error:
            # The template is marked for the catalogue where it is written; it is filled when it is shown.
            raise ValidationError(
                gettext_lazy(error.template),
                code=error.code,
                params=dict(error.params),
            ) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = {"autocomplete": "off", "inputmode": self.inputmode, "maxlength": str(self.longest)}
        classes = f"{widget.attrs.get('class', '')} {self.css_class}".strip()
        return attrs | ({"class": classes} if classes else {})


class FiscalYearFormField(TypedField):
    """A fiscal year as people write it (令和6年度, R6, 2024), optionally bounded; both bounds are allowed."""

    def __init__(
        self, *, earliest: FiscalYear | None = None, latest: FiscalYear | None = None, **kwargs: Any
    ) -> None:
        self.earliest, self.latest = earliest, latest
        super().__init__(**kwargs)

    def parse(self, typed: str) -> FiscalYear:
        return FiscalYear.parse(typed)

    def to_python(self, value: Any) -> FiscalYear | None:
        try:
            return _to_fiscal_year(super().to_python(value))
        except (TypeError, EraInputError) as error:
            raise ValidationError(_("Enter a fiscal year."), code="not_a_fiscal_year") from error

    def validate(self, value: FiscalYear | None) -> None:
        super().validate(value)
        if value is None:
            return
        if self.earliest and value < self.earliest:
            _refuse(
                _("The fiscal year must not be before %(limit)s."),
                "too_early",
                self.earliest.label(_language()),
            )
        if self.latest and value > self.latest:
            _refuse(
                _("The fiscal year must not be after %(limit)s."), "too_late", self.latest.label(_language())
            )

    def prepare_value(self, value: Any) -> Any:
        value = _fiscal_year_if_whole(value)
        return value.label(_language()) if isinstance(value, FiscalYear) else value


class EraDateFormField(TypedField):
    """A day as people write it (令和6年3月31日, R6.3.31, 2024-03-31, 令和6年3月末), optionally bounded.

    It is shown as 令和6年3月31日, and as 2024-03-31 to a reader of the English interface. `latest` is usually
    today, given by the view; both bounds are allowed.
    """

    def __init__(self, *, earliest: date | None = None, latest: date | None = None, **kwargs: Any) -> None:
        self.earliest, self.latest = earliest, latest
        super().__init__(**kwargs)

    def parse(self, typed: str) -> date:
        return date_input.parse_date(typed)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is None:
            return
        if self.earliest and value < self.earliest:
            _refuse(
                _("The date must not be before %(limit)s."), "too_early", self.prepare_value(self.earliest)
            )
        if self.latest and value > self.latest:
            _refuse(_("The date must not be after %(limit)s."), "too_late", self.prepare_value(self.latest))

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, date):
            return value
        return fiscal.era_date(value) if _language().startswith("ja") else f"{value:%Y-%m-%d}"


class AsOfFormField(EraDateFormField):
    """The day as of which something is stated; a mere month (令和6年3月) is its last day."""

    def parse(self, typed: str) -> date:
        return date_input.parse_as_of(typed)


class PartialDateFormField(TypedField):
    """A date as precisely as it is known (平成27年2月, H27.2.1, 2015-02, 2015, 平成27年度); the cleaned value is ISO text."""

    def parse(self, typed: str) -> str:
        return partial_date.parse(typed)

    def prepare_value(self, value: Any) -> Any:
        """As it can be typed again; a mere year stays Western."""
        if isinstance(value, str) and partial_date.is_valid(value) and "-" in value:
            return partial_date.label(value, "ja") if _language().startswith("ja") else value
        return value


class NumberFormField(TypedField):
    """A number as officials type it; see `parse_number` for what is understood and for the arguments.

    `minimum` and `maximum` are stored values. The cleaned value is an exact Decimal, or None for a blank. What was typed
    in another unit (4.3億円) is shown converted before it is taken: the form comes back once with what was understood.
    """

    inputmode = "decimal"
    css_class = "number"
    longest = number_input.LONGEST_INPUT

    def __init__(
        self,
        *,
        unit: str = "",
        other_units: tuple[str, ...] = (),
        decimals: int | None = None,
        minimum: Decimal | int | None = None,
        maximum: Decimal | int | None = None,
        **kwargs: Any,
    ) -> None:
        self.unit, self.other_units, self.decimals = unit, other_units, decimals
        self.minimum, self.maximum = minimum, maximum
        super().__init__(**kwargs)

    def parse(self, typed: str) -> Decimal | None:
        value = self._read(typed)
        if value is not None and number_input.is_converted(typed, self.unit):
            raise NumberInputError(
                "converted",
                typed=typed.strip(),
                value=format_number(value, strip_zeros=True),
                unit=self.unit,
            )
        return value

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed; of what was typed in another unit, what was understood."""
        typed = super().bound_data(data, initial)
        try:
            if isinstance(typed, str) and number_input.is_converted(typed, self.unit):
                return self.prepare_value(self._read(typed))
        except NumberInputError:
            pass
        return typed

    def _read(self, typed: str) -> Decimal | None:
        return number_input.parse_number(
            typed,
            unit=self.unit,
            other_units=self.other_units,
            decimals=self.decimals,
            minimum=self.minimum,
            maximum=self.maximum,
        )

    def prepare_value(self, value: Any) -> Any:
        is_figure = isinstance(value, int | Decimal) and not isinstance(value, bool)
        return format_number(value, strip_zeros=True) if is_figure else value


def _refuse(message: Any, code: str, limit: str) -> None:
    raise ValidationError(message, code=code, params={"limit": limit})


def _language() -> str:
    return get_language() or "ja"
