"""Path converters: what an address may hold. Anything else is a 404, never an overflow in the database."""

from functools import cache

from django.urls import register_converter

from iconm_portal.values.fiscal import FiscalYear


class FiscalYearConverter:
    """A fiscal year by its Western first year, four digits: /iconm/reports/2024/."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> FiscalYear:
        """ValueError (hence 404) outside the years that FiscalYear knows."""
        return FiscalYear(int(value))

    def to_url(self, value: FiscalYear | int) -> str:
        """The address of a FiscalYear, or of its first year."""
        return str(value.start if isinstance(value, FiscalYear) else FiscalYear(value).start)


class ProvisionKeyConverter:
    """A provision's place in its agreement: art9/par2/item1, and art3~2 for a repeated one. PostgreSQL takes no NUL."""

    regex = r"[\w~/.-]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class NumberedCodeConverter:
    """A code, or the second and further thing by it: on-request, on-request.2."""

    regex = r"[-a-zA-Z0-9_]+(?:\.[1-9][0-9]{0,3})?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class BoundedIntConverter:
    """A key or a number from 1 to 999,999,999: `<int:…>` would let 10^23 through, which no column holds."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


@cache
def register() -> None:
    """Make them known to Django, once; before the first address that has one."""
    register_converter(BoundedIntConverter, "number")
    register_converter(FiscalYearConverter, "fiscal_year")
    register_converter(NumberedCodeConverter, "numbered_code")
    register_converter(ProvisionKeyConverter, "provision_key")
