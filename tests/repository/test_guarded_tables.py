"""Every table has a guard in the databases, or the reason why it needs none; and the page about the domain names it."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import models

from iconm_portal.history import guards

ALL = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
GUARDED = {guard.model for guard in guards.declared()}
PAGE = (Path(settings.BASE_DIR) / "docs" / "domain.md").read_text()
SECTION = PAGE.partition("## What the databases hold")[2].partition("\n## ")[0]


def test_every_table_is_guarded_or_says_why_not() -> None:
    silent = sorted(set(ALL) - GUARDED - set(guards.free()))
    assert silent == [], (
        "No guard and no word about these tables. Declare a guard beside the model, or say why it needs none"
        " (iconm_portal/history/guards.py; docs/domain.md, What the databases hold)."
    )


def test_nothing_is_said_of_tables_that_are_not_there_or_are_guarded() -> None:
    assert set(guards.free()) <= set(ALL)
    assert set(ALL) >= GUARDED
    assert not GUARDED & set(guards.free())


def test_a_reason_is_a_sentence() -> None:
    for label, reason in guards.free().items():
        assert len(reason.split()) >= 4, label


def test_the_columns_that_guards_name_are_there() -> None:
    for guard in guards.declared():
        names = {field.name for field in ALL[guard.model]._meta.concrete_fields}
        assert set(guard.columns) | set(guard.stays_open) <= names, guard.name
        assert not (guard.columns and guard.stays_open), guard.name
        assert all(reason for reason in guard.stays_open.values()), guard.name
        if guard.columns or guard.stays_open:
            assert "UPDATE" in guard.events, guard.name


def test_every_key_is_one_that_replacing_can_be_seen_by() -> None:
    """`guards._same_keys` reads columns: a unique index over expressions would escape it."""
    for label in GUARDED:
        for rule in ALL[label]._meta.constraints:
            if isinstance(rule, models.UniqueConstraint):
                assert rule.fields, f"{label}: {rule.name} is over expressions"
                assert rule.deferrable is None, f"{label}: {rule.name}"
        assert not [index for index in ALL[label]._meta.indexes if getattr(index, "unique", False)], label


def test_the_page_about_the_domain_names_every_table() -> None:
    named = set(re.findall(r"`([\w.]+)`", SECTION))
    for label in ALL:
        name = label.partition(".")[2]
        assert name in named or label in named, f"{label}: docs/domain.md, What the databases hold"
