"""Whatever is written leaves a row in the history, in the same transaction: read from the source (tests/repository/writes.py)."""

from functools import cache
from textwrap import dedent

import pytest

from tests.repository.test_repository import OUR_MODELS, ROOT, our_modules
from tests.repository.writes import RECORD, Source, forgotten

LOADING = "loading"
"""What loads the report's facts and the demonstration: no person's deeds, and tried row by row in tests of their own."""

NEED_NO_ROW = {
    "iconm_portal.display.sheets.book.Book.to_bytes": "writes a workbook, no row",
    "iconm_portal.display.sheets.stream.StreamBook.write_to": "writes a workbook, no row",
    "iconm_portal.history.once.Opened.claim": "the key of a form, claimed beside the history row of what it did",
    "iconm_portal.history.once.Opened.answered": "where the answer to a form led, for whoever sends it twice",
    "iconm_portal.people.sign_in.lockout.Lockout.reset_user_attempts": "axes' own counting",
    "iconm_portal.people.sign_in.session_store.SessionStore.save": "a session, whose beginning and end the audit tells",
    "iconm_portal.people.sign_in.sessions._write_briefly": "the clock of a session",
    "iconm_portal.people.second_factor.codes._takes": "that a code was used; the record of use has the login",
    "iconm_portal.people.sign_in.own_sessions.note": "ends with the login, which the record of use has",
    "iconm_portal.people.sign_in.own_sessions.goes_on_as": "as note",
    "iconm_portal.people.sign_in.own_sessions._end": "as note; the record of use says who ended it",
    "iconm_portal.people.sign_in.audit.note": "reading and failing change nothing that a history tells; it is a record itself",
    "iconm_portal.work.jobs.begin": "a job is work under way; the work itself records what it changes",
    "iconm_portal.work.jobs.begin_again": "as begin",
    "iconm_portal.work.nights._begin": "as begin",
    "iconm_portal.work.running._do": "the file that a job has made, for whoever asked for it",
    "iconm_portal.work.running.enqueue": "as begin",
    "iconm_portal.work.running.take_up": "a job changes hands",
    "iconm_portal.work.running._wait_again": "as take_up",
    "iconm_portal.work.progress.Progress.claim": "a job's sign of life",
    "iconm_portal.work.progress.Progress._write": "a job's sign of life",
    "iconm_portal.work.workers.show": "a worker's sign of life",
    "iconm_portal.work.workers.leave": "as show",
    "iconm_portal.work.cleanup._delete": "what nobody needs any more and no center keeps",
    "iconm_portal.imports.importing.upload": "a table is only read here: its row says who uploaded it and when",
    "iconm_portal.imports.importing._read": "as upload; what is read is staged, and goes when it is applied or given up",
    "iconm_portal.imports.importing._mark": "as upload; marks what is wrong with the staged rows",
    "iconm_portal.imports.importing._forget_rows": "staged rows that were applied, and recorded with that",
    "iconm_portal.imports.importing.apply": "names the job in which it is applied, and _apply records",
    "kpi.register.actions.add_many": "asked for by the story of the demonstration alone; an import calls add_prepared, and records",
    "agreements.duties.reminder_actions.claim": "a mail that the portal sends by itself: its row says when and to whom",
    "agreements.duties.reminder_actions.mark_sent": "as claim",
    "agreements.duties.reminder_actions.mark_problem": "as claim",
}
IN_ITS_OWN_WORDS = {
    "iconm_portal.history.database_triggers": "makes and asks for triggers, writes no row",
    "iconm_portal.history.owner": "asks who owns the tables, and grants rights on them",
    "iconm_portal.values.waiting": "says how long a statement waits",
    "iconm_portal.values.many_rows": "hands over the rows of whoever calls insert_all, which is looked at itself",
    "iconm_portal.history.snapshot": "says how a transaction reads",
    "iconm_portal.management.commands.migrate": "takes a lock",
    "iconm_portal.work.jobs": "says how long a sign of life waits",
}
"""The modules that hand the database statements in its own words, and what those do."""


@cache
def portal() -> Source:
    many_to_many = {
        name
        for model in OUR_MODELS
        for field in model._meta.many_to_many
        for name in (field.name, field.remote_field.get_accessor_name())
        if name
    }
    texts = {}
    for file in our_modules():
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if LOADING not in module.split("."):
            texts[module] = file.read_text()
    source = Source(texts, many_to_many)
    for unit in source.units.values():
        if any(unit.name.startswith(f"{module}.") for module in IN_ITS_OWN_WORDS):
            unit.writes = {write for write in unit.writes if not write.endswith(".execute")}
    return source


def test_every_write_leaves_a_history_row_in_its_transaction() -> None:
    assert forgotten(portal().units, NEED_NO_ROW) == {}


def test_what_needs_no_row_is_still_there() -> None:
    without_excuse = {function for way in forgotten(portal().units).values() for function in way}
    named = {unit.split(":")[0] for unit in without_excuse}
    assert set(NEED_NO_ROW) - named == set()


def test_the_history_is_written_in_one_place() -> None:
    assert {
        unit.name for unit in portal().units.values() for write in unit.writes if "HistoryEvent" in write
    } == {RECORD}


def test_a_record_left_out_anywhere_is_noticed() -> None:
    """The control: take `record` out of each function in turn. Unnoticed is only what another one answers for as well."""
    units = portal().units
    recording = [unit for unit in units.values() if unit.records]
    unnoticed = []
    for unit in recording:
        unit.records = False
        if not forgotten(units, NEED_NO_ROW):
            unnoticed.append(unit.name)
        unit.records = True
    assert len(recording) > 30
    assert len(unnoticed) <= 7, unnoticed


# --- a small portal, in which somebody forgets --------------------------------------------------

HISTORY = {"iconm_portal.history.history": "def record(**what): HistoryEvent.objects.create(**what)"}
ACTIONS = """
    from django.db import transaction
    from iconm_portal.history import history

    def _write_lines(thing):
        Line.objects.bulk_create([])

    def _remember(thing):
        history.record(subject=thing)

    @transaction.atomic
    def save(*, thing, by):
        thing.save()
        _write_lines(thing)
        _remember(thing)
"""


def forgotten_in(actions: str = ACTIONS, **more: str) -> list[str]:
    """What is written and not recorded, without the number of the line."""
    texts = {"things.actions": actions, **{f"things.{name}": text for name, text in more.items()}}
    source = Source(HISTORY | {name: dedent(text) for name, text in texts.items()}, {"tags"})
    return sorted(write.split(" ")[1] for write in forgotten(source.units))


def test_an_action_that_records_through_another_function_is_fine() -> None:
    assert forgotten_in() == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("thing.delete()", ["thing.delete"]),
        ("Thing.objects.filter(pk=1).update(name='x')", ["Thing.objects.filter(pk=1).update"]),
        ("thing.tags.set([])", ["thing.tags.set"]),
        ("Thing.objects.bulk_update([thing], ['name'])", ["Thing.objects.bulk_update"]),
        ("Thing.objects.filter(pk=1)._raw_delete('default')", ["Thing.objects.filter(pk=1)._raw_delete"]),
        ("connection.cursor().execute('UPDATE thing SET name = 1')", ["connection.cursor().execute"]),
        ("cursor.copy_expert('COPY thing FROM STDIN', file)", ["cursor.copy_expert"]),
        ("await_(Thing.objects.aupdate(name='x'))", ["Thing.objects.aupdate"]),
        ("_write_lines(thing)", ["Line.objects.bulk_create"]),
        ("[_write_lines(one) for one in thing]", ["Line.objects.bulk_create"]),
        ("list(map(_write_lines, thing))", ["Line.objects.bulk_create"]),
        ("values.update({}); seen.add(1)", []),
        ("save(thing=thing, by=by)", []),
    ],
)
def test_a_new_action_that_forgets_is_named(body: str, what: list[str]) -> None:
    assert (
        forgotten_in(ACTIONS + f"\n    @transaction.atomic\n    def new(*, thing, by):\n        {body}\n")
        == what
    )


def test_another_actions_row_in_another_transaction_does_not_count() -> None:
    view = """
        from things import actions, more

        def page(request):
            actions.save(thing=1, by=2)
            more.forget(thing=1, by=2)
    """
    more = """
        from django.db import transaction

        @transaction.atomic
        def forget(*, thing, by):
            thing.delete()
    """
    assert forgotten_in(views=view, more=more) == ["thing.delete"]


def test_a_row_written_in_a_second_transaction_does_not_count() -> None:
    more = """
        from django.db import transaction
        from iconm_portal.history import history

        def apart(*, thing, by):
            with transaction.atomic():
                thing.delete()
            with transaction.atomic():
                history.record(subject=thing)

        def together(*, thing, by):
            with transaction.atomic():
                thing.save()
                history.record(subject=thing)
    """
    assert forgotten_in(more=more) == ["thing.delete"]


FRAME = """
    from dataclasses import dataclass
    from django.db import transaction
    from iconm_portal.history import history

    @dataclass
    class Step:
        first: object

    class Table:
        def action(self, name):
            def act(**given):
                return self.take(name, **given)
            return act

        @transaction.atomic
        def take(self, name, item):
            step = self.steps[name]
            step.first(item)
            self.record(item)

        def record(self, item):
            history.record(subject=item)
"""
STEPS = """
    from things.frame import Step, Table

    def _delete_lines(item):
        item.lines.all().delete()

    STEPS = Table(Step(first=_delete_lines))
    save = STEPS.action("save")
"""
VIEWS = """
    from things import steps

    def page(request):
        steps.save(item=1)
"""


def test_a_frame_answers_for_what_is_handed_over_to_it() -> None:
    assert forgotten_in(frame=FRAME, steps=STEPS, views=VIEWS) == []


def test_a_frame_that_forgets_is_named_for_all_of_it() -> None:
    assert forgotten_in(frame=FRAME.replace("self.record(item)", "pass"), steps=STEPS, views=VIEWS) == [
        "item.lines.all().delete"
    ]


def test_asking_for_the_first_of_something_is_not_a_frame() -> None:
    more = """
        from django.db import transaction

        @transaction.atomic
        def forget(*, thing, by):
            Line.objects.first().delete()
    """
    recording = STEPS.replace("item.lines.all().delete()", "actions.save(thing=item, by=1)").replace(
        "from things.frame", "from things import actions\n    from things.frame"
    )
    assert forgotten_in(frame=FRAME, steps=recording, more=more) == ["Line.objects.first().delete"]
