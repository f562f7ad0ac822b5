"""What a guard refuses where no form says it: a refusal with a page of its own, and no fault of the portal's."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from iconm_portal.models import Center, Organisation
from iconm_portal.site.middleware import KeptByTheDatabase


def answer(error: Exception, language: str = "en") -> HttpResponse | None:
    request = RequestFactory().post("/")
    with translation.override(language):
        return KeptByTheDatabase(lambda _request: HttpResponse()).process_exception(request, error)


@pytest.fixture
def refusal(center: Center) -> DatabaseError:
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        Organisation.objects.update(code="other")
    return refused.value


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "the database keeps it as it is"), ("ja", "データベースが変更を受け付けません")],
)
def test_the_reader_is_told_in_their_language(refusal: DatabaseError, language: str, told: str) -> None:
    page = answer(refusal, language)
    assert page is not None
    assert page.status_code == 409
    assert told in page.content.decode()


@pytest.mark.django_db
def test_any_other_error_stays_what_it_is() -> None:
    assert answer(IntegrityError("UNIQUE constraint failed: portal_center.code")) is None
    assert answer(ValueError("codes never change")) is None
