"""A row holds the member of an enumeration, however the value came into it; the database and migrations know a text."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from finance.models import Account, Purpose, Side
from iconm_portal.models import Center
from tests.builders.finance import make_account

SIDE = Account._meta.get_field("side")


def test_a_text_that_is_set_becomes_its_member() -> None:
    account = Account(side="revenue")
    assert account.side is Side.REVENUE
    account.side = "deposit_repaid"  # type: ignore[assignment]  # as a form might
    assert account.side is Side.DEPOSIT_REPAID
    assert not account.side.is_in_statement


def test_what_is_no_member_is_left_to_validation() -> None:
    account = Account(side="sideways")
    assert account.side == "sideways"
    with pytest.raises(ValidationError) as refused:
        account.clean_fields()
    assert "side" in refused.value.message_dict


@pytest.mark.django_db
def test_a_row_gives_the_member_again(center: Center) -> None:
    made = make_account(center, code="rent", side=Side.REVENUE, purpose=Purpose.RENT)
    read = Account.objects.get(pk=made.pk)
    assert read.side is Side.REVENUE
    assert read.purpose is Purpose.RENT
    assert Account.objects.values_list("side", flat=True).get() is Side.REVENUE
    assert Account.objects.filter(side="revenue").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT side FROM finance_account")
        assert cursor.fetchone() == ("revenue",)


@pytest.mark.django_db
def test_what_is_left_out_is_the_empty_text(center: Center) -> None:
    make_account(center, code="other", purpose="")
    assert Account.objects.get(code="other").purpose == ""


def test_a_form_gives_the_member() -> None:
    field = SIDE.formfield()
    assert field is not None
    assert field.clean("expenditure") is Side.EXPENDITURE


def test_migrations_see_a_text_with_choices() -> None:
    _name, path, _args, options = SIDE.deconstruct()
    assert path == "django.db.models.CharField"
    assert options["choices"] == Side.choices
    assert options["max_length"] == 20


def test_a_copy_without_its_enumeration_is_a_plain_text() -> None:
    """As migrations make one from the field itself."""
    assert SIDE.clone().member_of("revenue") == "revenue"
