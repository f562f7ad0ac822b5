"""What gets past the guards leaves them as they were, and the tables empty."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction
from django.test import TransactionTestCase

from iconm_portal.history import database_triggers
from iconm_portal.history.history import Source, record
from iconm_portal.models import Center, HistoryEvent
from tests.loaded import all_rows
from tests.unguarded import empty_the_tables, no_guards


@pytest.fixture
def event(center: Center) -> HistoryEvent:
    record(by=Source("T1"), action="center.add", subject=center, center=center)
    return HistoryEvent.objects.get()


def refused(event: HistoryEvent) -> bool:
    try:
        with transaction.atomic():
            HistoryEvent.objects.filter(pk=event.pk).update(action="another")
    except DatabaseError:
        return True
    return False


def test_the_guards_are_back_after_the_block(event: HistoryEvent) -> None:
    with no_guards():
        assert not refused(event)
    assert refused(event)


def test_the_guards_are_back_after_an_error(event: HistoryEvent) -> None:
    with pytest.raises(ValueError, match="inside"), no_guards():
        raise ValueError("inside")
    assert refused(event)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_but_what_migrating_made(demo: None) -> None:
    made, known = database_triggers.installed_names(connection), ContentType.objects.count()
    empty_the_tables(TransactionTestCase())
    assert all_rows() == []
    assert database_triggers.installed_names(connection) == made != set()
    assert ContentType.objects.count() == known > 0
