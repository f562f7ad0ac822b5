"""What tests are given as the report's facts and the demonstration is what loading gives."""

import pytest
from django.db import transaction

from iconm_portal.models import Organisation
from kpi.loading import reference
from tests import loaded
from tests.loaded import all_rows, load_demo, put_back


@pytest.mark.django_db
def test_the_rows_are_those_that_were_loaded_and_life_goes_on_from_them() -> None:
    with transaction.atomic():
        load_demo()
        kept = all_rows()
        transaction.set_rollback(True)
    assert all_rows() == []
    put_back(kept)
    assert all_rows() == kept
    assert {"Report", "Actual", "Duty", "Provision", "User", "HistoryEvent"} <= {
        table.model.__name__ for table in kept
    }
    assert (reference.load().added, all_rows()) == (0, kept)
    numbers = set(Organisation.objects.values_list("pk", flat=True))
    assert Organisation.objects.create(code="new", name="新").pk > max(numbers)


@pytest.mark.django_db
def test_they_are_loaded_once_and_then_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded, "_kept", {})
    calls: list[int] = []

    def load() -> None:
        calls.append(Organisation.objects.create(code="a", name="甲").pk)

    for _time in range(2):
        with transaction.atomic():
            loaded.load_once("one", load)
            assert Organisation.objects.get(pk=calls[0]).name == "甲"
            transaction.set_rollback(True)
    assert len(calls) == 1


@pytest.mark.django_db
def test_where_other_rows_are_it_is_loaded_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded, "_kept", {})
    Organisation.objects.create(code="other", name="他")
    calls: list[str] = []
    for _time in range(2):
        loaded.load_once("one", lambda: calls.append("loaded"))
    assert calls == ["loaded", "loaded"]
