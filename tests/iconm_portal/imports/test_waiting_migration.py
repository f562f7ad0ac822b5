"""The files of an installation of before, brought up to date and back: what is not settled leaves what is kept."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from iconm_portal.models import Center, StoredFile, TableImport, User, WaitingFile
from iconm_portal.values import clock

BEFORE = "0009_roles_of_before"


def before(name: str) -> Any:
    loader = MigrationLoader(connection)
    return loader.project_state(("portal", BEFORE)).apps.get_model("portal", name).objects


def _file(center: Center, by: User, name: str) -> Any:
    facts = {"content_type": "text/csv", "size": 1, "sha256": name * 64, "uploaded_at": clock.now()}
    file = before("StoredFile").create(center_id=center.pk, name=name, uploaded_by_id=by.pk, **facts)
    before("FileContent").create(file_id=file.pk, data=name.encode())
    return file


@pytest.mark.django_db(transaction=True)
def test_what_is_not_settled_leaves_what_is_kept(center: Center, foundation_staff: User) -> None:
    by = foundation_staff
    try:
        call_command("migrate", "portal", BEFORE, verbosity=0)
        for name, state in zip("abcd", ("checked", "refused", "discarded", "applied"), strict=True):
            table = before("TableImport").create(
                center_id=center.pk,
                kind="finance.entries",
                file_id=_file(center, by, name).pk,
                state="checked",
                uploaded_by_id=by.pk,
                uploaded_at=clock.now(),
            )
            applied = {"applied_at": clock.now(), "applied_by_id": by.pk} if state == "applied" else {}
            before("TableImport").filter(pk=table.pk).update(state=state, **applied)
        before("Job").create(
            center_id=center.pk,
            kind="x",
            title="x",
            state="done",
            result_id=_file(center, by, "e").pk,
            requested_at=clock.now(),
            requested_by_id=by.pk,
        )
        _file(center, by, "f")
        call_command("migrate", verbosity=0)
        assert list(StoredFile.objects.values_list("name", flat=True)) == ["d", "f"]
        assert [(one.name, bytes(one.content.data)) for one in WaitingFile.objects.all()] == [
            ("a", b"a"),
            ("e", b"e"),
        ]
        tables = TableImport.objects.order_by("name").values_list(
            "name", "sha256", "waiting__name", "file__name"
        )
        assert list(tables) == [
            ("a", "a" * 64, "a", None),
            ("b", "b" * 64, None, None),
            ("c", "c" * 64, None, None),
            ("d", "d" * 64, None, "d"),
        ]
        call_command("migrate", "portal", BEFORE, verbosity=0)
        assert before("TableImport").filter(file__name__in="abcd").count() == 4
        assert before("Job").get().result.name == "e"
    finally:
        call_command("migrate", verbosity=0)
    assert sorted(StoredFile.objects.values_list("name", flat=True)) == ["d", "f"]
