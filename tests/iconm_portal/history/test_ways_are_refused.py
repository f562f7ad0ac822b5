"""What is not settled yet is settled by the steps only: each other way is refused, and the step itself is not."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from agreements.models import Agreement, Duty, Notice, Obligation, Party, RequiredDocument
from finance.models import Account, Entry, MonthTotal, Statement, StatementLine, YearClosing
from iconm_portal.history import guards
from iconm_portal.models import Center, Organisation, ProposalState, ReviewState, Role, TableImport, User
from kpi.models import (
    Goal,
    Indicator,
    IndicatorBasis,
    PlanCorrection,
    PlanCorrectionLine,
    Publication,
    Record,
    Report,
    Target,
)
from tests.iconm_portal.history import attacks
from tests.iconm_portal.history.attacks import Row
from tests.iconm_portal.history.attacks import Statement as Sql
from tests.iconm_portal.history.test_what_is_refused import BY_WHAT_IS_WRITTEN
from tests.unguarded import no_guards

MESSAGES = {guard.name: guard.message for guard in guards.declared()}
WRITTEN = [guard for guard in guards.declared() if guard.name.endswith("_written")]
WAYS = [guard for guard in guards.declared() if guard.name.endswith("_way")]
BEGUN = [guard for guard in guards.declared() if guard.name.endswith("_begun")]
STATES: dict[str, list[str]] = {
    "kpi_pack_way": ["draft", "frozen"],
    "tableimport_way": ["reading", "checked", "refused", "applied", "discarded"],
}


def states_of(guard: guards.Guard) -> list[str]:
    field = apps.get_model(guard.model)._meta.get_field("state")
    return STATES.get(guard.name) or [str(value) for value, _label in field.choices or ()]


def person(name: str) -> User:
    return User.objects.get(username=name)


def test_a_state_is_not_written_without_its_step(world: Center) -> None:
    """Neither alone nor with the next version; whatever it was and whatever it is to be."""
    for guard in WAYS:
        said = set()
        for row in attacks.rows(apps.get_model(guard.model), most=40):
            for state in states_of(guard):
                if state == row.values["state"] or (guard.name == "tableimport_way" and state != "applied"):
                    continue
                version = f", version = {row.values['version'] + 1}" if "version" in row.values else ""
                for more in ("", version):
                    sql = f"UPDATE {row.table} SET state = %s{more} WHERE {row.pk} = %s"  # noqa: S608
                    message = attacks.refused_by((sql, [state, row.values[row.pk]]))
                    assert message, f"{guard.name}: {row.values['state']} → {state}"
                    said.add(message)
        assert any(guard.message in message for message in said), f"{guard.name} never spoke: {said}"


def test_nothing_begins_settled(world: Center) -> None:
    """A row with a key of its own that says it was settled, by nobody and from no document; by COPY as well."""
    nobody = ("proposed_by_id", "proposed_at", "confirmed_by_id", "confirmed_at")
    for guard in BEGUN:
        said = set()
        for state in states_of(guard):
            if state == "draft" or (guard.name == "tableimport_begun" and state != "applied"):
                continue
            for row in attacks.rows(apps.get_model(guard.model))[:2]:
                forged = {"state": state} | ({"source": ""} if "source" in row.values else {})
                forged |= dict.fromkeys(nobody) if "proposed_by_id" in row.values else {}
                copy = row.apart().with_values(**forged)
                messages = [attacks.refused_by(copy.insert())]
                if connection.vendor == "postgresql":
                    messages.append(attacks.copied(copy))
                assert all(messages), f"{guard.name}: {state}"
                said.update(messages)
        assert any(guard.message in message for message in said), f"{guard.name} never spoke: {said}"


# --- who stands behind it -----------------------------------------------------------------------


def in_review(world: Center) -> Report:
    """A report that the city has opened."""
    report = Report.objects.filter(plan__center=world).exclude(state=ReviewState.ACCEPTED)[0]
    foundation, city = person("umikaze-foundation-staff"), person("umikaze-city-staff")
    with no_guards():
        Report.objects.filter(pk=report.pk).update(
            state=ReviewState.IN_REVIEW,
            submitted_by=foundation,
            submitted_at=report.recorded_at,
            opened_by=city,
            opened_at=report.recorded_at,
        )
    report.refresh_from_db()
    return report


def accepting(report: Report, by: int | None, **more: Any) -> Sql:
    values = {"state": "accepted", "version": report.version + 1, "known_from": date(2026, 6, 1), **more}
    values |= {"accepted_by_id": by, "accepted_at": report.recorded_at if by else None}
    sets = ", ".join(f"{name} = %s" for name in values)
    return f"UPDATE kpi_report SET {sets} WHERE id = %s", [*values.values(), report.pk]  # noqa: S608


def test_a_report_is_accepted_by_somebody_of_the_other_side_only(world: Center) -> None:
    report = in_review(world)
    refused = MESSAGES["kpi_report_way"]
    own = person("umikaze-foundation-staff")
    colleague = User.objects.exclude(pk=own.pk).filter(organisation=own.organisation)[0]
    stranger = person("city-staff")
    for by in (own.pk, colleague.pk, stranger.pk, None):
        assert refused in attacks.refused_by(accepting(report, by))
    assert attacks.refused_by(accepting(report, None, source="T1")), "what has a sender has no document"
    city = person("umikaze-city-staff")
    assert refused in attacks.refused_by(accepting(report, city.pk, submitted_by_id=colleague.pk))
    assert attacks.refused_by(accepting(report, city.pk)) == "", "the step itself"


def test_a_report_in_review_is_not_taken_back_to_change_its_lines(world: Center) -> None:
    report = in_review(world)
    values = ["draft", report.version + 1, report.pk]
    sql = "UPDATE kpi_report SET state = %s, version = %s, submitted_by_id = NULL, submitted_at = NULL WHERE id = %s"
    assert MESSAGES["kpi_report_way"] in attacks.refused_by((sql, values))
    actual = attacks.rows(report.actuals.model, f"old.report_id = {report.pk}")
    assert all("locked" in attacks.refused_by(row.update("note", "x")) for row in actual)


def test_a_draft_of_somebodys_is_not_made_a_document(world: Center) -> None:
    """Its origin was said when it was begun; accepting it as a document's would need nobody."""
    (row, *_) = attacks.rows(Report, "old.state = 'draft'") or [None]
    if row is None:
        report = Report.objects.filter(plan__center=world)[0]
        with no_guards():
            Report.objects.filter(pk=report.pk).update(
                state="draft", source="", accepted_by=None, accepted_at=None, known_from=None
            )
        (row,) = attacks.rows(Report, f"old.id = {report.pk}")
    assert MESSAGES["kpi_report_origin"] in attacks.refused_by(row.update("source", "T1"))
    sql = "UPDATE kpi_report SET source = 'T1', state = 'accepted', known_from = '2026-06-01' WHERE id = %s"
    message = attacks.refused_by((sql, [row.values["id"]]))
    assert MESSAGES["kpi_report_way"] in message or MESSAGES["kpi_report_origin"] in message


def test_a_proposal_is_confirmed_by_the_other_side_only(world: Center) -> None:
    (row,) = attacks.rows(
        apps.get_model("kpi.OfficialTextProposal"), "old.state = 'proposed' AND old.source = ''", most=1
    )
    own, city = person("umikaze-foundation-staff"), person("umikaze-city-staff")
    colleague = User.objects.exclude(pk=own.pk).filter(organisation=own.organisation)[0]
    sql = (
        "UPDATE kpi_officialtextproposal SET state = 'confirmed', version = version + 1, confirmed_by_id = %s,"
        " confirmed_at = recorded_at, known_from = '2026-06-01' WHERE id = %s"
    )
    for by in (own.pk, colleague.pk, person("city-staff").pk):
        message = attacks.refused_by((sql, [by, row.values["id"]]))
        assert MESSAGES["kpi_officialtextproposal_way"] in message
    assert attacks.refused_by((sql, [city.pk, row.values["id"]])) == "", "the step itself"


# --- what is written, and not only the row, decides -----------------------------------------------

Case = Callable[[Center], Iterator[Sql]]


def first(model: type[models.Model], where: str = "1 = 1") -> Row:
    found = attacks.rows(model, where, most=1)
    assert found, f"no {model.__name__} where {where}"
    return found[0]


def _first_date(world: Center) -> Iterator[Sql]:
    row = first(Duty, "old.due_on IS NOT NULL AND old.state = 'draft'")
    yield row.update("due_on", "2031-01-01")
    yield row.update("due_on", None)


def _obligation_years(world: Center) -> Iterator[Sql]:
    duty = Duty.objects.all()[0]
    row = first(Obligation, f"old.id = {duty.obligation_id}")
    yield row.update("first_year", duty.fiscal_year.start + 1)
    yield row.update("last_year", duty.fiscal_year.start - 1)


def _used_account(**fields: Any) -> Account:
    used = Entry.objects.filter(account__center__code="midoridai").values("account")
    return Account.objects.filter(pk__in=used, **fields)[0]


def _meaning(world: Center) -> Iterator[Sql]:
    used = _used_account()
    with no_guards():
        Account.objects.filter(pk=used.pk).update(purpose="rent")
    row = first(Account, f"old.id = {used.pk}")
    yield row.update("purpose", "research_income")
    yield row.update("purpose", "")


def _part_of_a_leaf(world: Center) -> Iterator[Sql]:
    entry = Entry.objects.filter(center=world)[0]
    row = first(Account, f"old.id = {entry.account_id}")
    part = row.apart().with_values(parent_id=entry.account_id, within_id=None, measure_id=None)
    yield part.insert()
    moved = Account.objects.create(
        center=world, code="moved", name="科目", side=row.values["side"], first_year=entry.fiscal_year
    )
    yield first(Account, f"old.id = {moved.pk}").update("parent_id", entry.account_id)


def _account_years(world: Center) -> Iterator[Sql]:
    entry = Entry.objects.filter(center=world)[0]
    row = first(Account, f"old.id = {entry.account_id}")
    yield row.update("first_year", entry.fiscal_year.start + 1)
    yield row.update("last_year", entry.fiscal_year.start - 1)


def _sums(world: Center) -> Iterator[Sql]:
    row = first(MonthTotal, "old.count > 0")
    yield row.update("amount", row.values["amount"] + 1)
    yield row.update("count", row.values["count"] + 1)
    more = row.with_values(
        id=10**9, month="2001-04-01" if isinstance(row.values["month"], str) else date(2001, 4, 1)
    )
    yield more.insert()


def _reopening(world: Center) -> Iterator[Sql]:
    row = first(YearClosing, "old.reopened_at IS NULL")
    sql = "UPDATE finance_yearclosing SET reopened_at = closed_at, reopened_by_id = %s, reason = 'x' WHERE id = %s"
    yield sql, [person("umikaze-foundation-staff").pk, row.values["id"]]
    yield sql, [person("city-staff").pk, row.values["id"]]


def _closing(world: Center) -> Iterator[Sql]:
    row = first(YearClosing, "old.reopened_at IS NULL")
    yield row.with_values(id=10**9, fiscal_year=2001, closed_by_id=person("umikaze-city-staff").pk).insert()


def _switching(world: Center) -> Iterator[Sql]:
    row = first(Publication)
    foundation = person("umikaze-foundation-staff").pk
    sql = "UPDATE kpi_publication SET is_open = %s, version = version + 1, switched_by_id = %s WHERE id = %s"
    yield sql, [not row.values["is_open"], foundation, row.values["id"]]


def _correcting(world: Center) -> Iterator[Sql]:
    row = first(Record, "old.status = 'kept' AND old.quantity IS NOT NULL")
    sql = "UPDATE kpi_record SET quantity = 99, version = version + 1, saved_at = recorded_at, saved_by_id = %s WHERE id = %s"
    yield sql, [person("umikaze-city-staff").pk, row.values["id"]]
    yield sql.replace("recorded_at", "NULL"), [None, row.values["id"]]


def _giving_notice(world: Center) -> Iterator[Sql]:
    row = first(Notice).with_values(agreement_id=Agreement.objects.filter(center=world, notices=None)[0].pk)
    city = person("umikaze-city-staff").pk
    yield row.with_values(id=10**9, recorded_by_id=city, withdrawn_at=None, withdrawn_by_id=None).insert()


def _line_of_a_sum(world: Center) -> Iterator[Sql]:
    child = Account.objects.filter(center=world, parent__isnull=False)[0]
    draft = Statement.objects.filter(center=world, fiscal_year__gte=child.first_year)[0]
    with no_guards():
        Statement.objects.filter(pk=draft.pk).update(
            state="draft",
            accepted_by=None,
            accepted_at=None,
            known_from=None,
            submitted_at=None,
            submitted_by=None,
        )
        StatementLine.objects.filter(statement=draft, account=child.parent).delete()
    row = first(StatementLine)
    yield row.with_values(id=10**9, statement_id=draft.pk, account_id=child.parent_id).insert()


def _entry(world: Center, **changed: Any) -> Row:
    return first(Entry, f"old.center_id = {world.pk} AND old.reverses_id IS NULL").with_values(
        id=10**9, **changed
    )


def _entry_of_a_closed_year(world: Center) -> Iterator[Sql]:
    closed = YearClosing.objects.filter(center=world, reopened_at=None)[0]
    yield _entry(world, fiscal_year=closed.fiscal_year.start).insert()


def _entry_of_a_sum(world: Center) -> Iterator[Sql]:
    child = Account.objects.filter(center=world, parent__isnull=False)[0]
    year = child.first_year
    yield _entry(world, account_id=child.parent_id, fiscal_year=year.start, date=year.first_day).insert()


def _entry_outside_its_year(world: Center) -> Iterator[Sql]:
    yield _entry(world, fiscal_year=2040).insert()


def _reversal_of_something_else(world: Center) -> Iterator[Sql]:
    """Of an entry that nobody took back yet, but not just that one: another amount, or no sign turned."""
    taken_back = Entry.objects.filter(reverses__isnull=False).values("reverses")
    closed = YearClosing.objects.filter(center=world, reopened_at=None).values("fiscal_year")
    stands = Entry.objects.filter(center=world, reverses=None).exclude(pk__in=taken_back)
    row = first(Entry, f"old.id = {stands.exclude(fiscal_year__in=closed)[0].pk}")
    for amount in (row.values["amount"], 1 - row.values["amount"], 1):
        yield row.with_values(id=10**9, amount=amount, reverses_id=row.values["id"], reason="誤り").insert()


def _undone_and_rewritten(world: Center) -> Iterator[Sql]:
    """What may be undone, and by the same statement says something else of what was applied."""
    row = first(TableImport, "old.state = 'applied'")
    for column, value in (("row_count", 10**6), ("contents", "x")):
        statement, values = row.update(column, value)
        yield statement.replace(" WHERE", ", state = 'undone' WHERE"), values


def _document(world: Center) -> Iterator[Sql]:
    accepted = Duty.objects.filter(state=ReviewState.ACCEPTED)[0]
    row = first(RequiredDocument)
    yield row.with_values(id=10**9, obligation_id=accepted.obligation_id, code="another").insert()


def _party(world: Center) -> Iterator[Sql]:
    concluded = Agreement.objects.filter(
        conclusions__state=ProposalState.CONFIRMED, conclusions__edition=None
    )
    row = first(Party, f"old.agreement_id = {concluded.filter(parties__isnull=False)[0].pk}")
    yield row.update("name", "別の団体")
    yield row.update("name", "")


def _unequal_sums(world: Center) -> Iterator[Sql]:
    """An entry of an open year that came in past the portal stands in no sum: the year is not closed on that."""
    closing = first(YearClosing, f"old.center_id = {world.pk} AND old.reopened_at IS NULL")
    closed = YearClosing.objects.filter(center=world, reopened_at=None).values("fiscal_year")
    entry = Entry.objects.filter(center=world).exclude(fiscal_year__in=closed)[0]
    row = first(Entry, f"old.id = {entry.pk}").with_values(id=10**9, reverses_id=None, amount=1, reason="")
    with connection.cursor() as cursor:
        sql, values = row.insert()
        cursor.execute(sql, values)
    yield closing.with_values(id=10**9, fiscal_year=entry.fiscal_year.start).insert()
    with no_guards():
        MonthTotal.objects.filter(center=world, fiscal_year=entry.fiscal_year).delete()
    yield closing.with_values(id=10**9, fiscal_year=entry.fiscal_year.start).insert()


def _of_accepted_values(world: Center) -> Row:
    return first(
        IndicatorBasis,
        "EXISTS (SELECT 1 FROM kpi_actual a JOIN kpi_report r ON r.id = a.report_id"
        " WHERE a.indicator_id = old.indicator_id AND r.state = 'accepted')",
    )


def _giving_up_a_basis(world: Center) -> Iterator[Sql]:
    row = _of_accepted_values(world)
    yield row.delete()
    yield f"DELETE FROM {row.table}", []  # noqa: S608


def _choosing_a_basis(world: Center) -> Iterator[Sql]:
    row = _of_accepted_values(world)
    with no_guards():
        IndicatorBasis.objects.filter(pk=row.values["id"]).delete()
    yield row.with_values(source="", chosen_by_id=None, chosen_at=None).insert()
    staff = person("umikaze-foundation-staff").pk
    yield row.with_values(source="", chosen_by_id=staff, chosen_at="2026-06-01 00:00:00+00:00").insert()


def _changed_target(world: Center) -> Iterator[Sql]:
    row = first(Target, "old.source <> ''")
    changed = row.with_values(id=10**9, revision=99, reason="x", source="")
    for name in ("umikaze-foundation-staff", "umikaze-city-staff", "city-staff"):
        yield changed.with_values(recorded_by_id=person(name).pk).insert()


def _called_otherwise(world: Center) -> Iterator[Sql]:
    row = first(Indicator, "EXISTS (SELECT 1 FROM kpi_target t WHERE t.indicator_id = old.id)")
    # One who has only proposed it, and one that speaks of another name than the present one.
    correction = PlanCorrection.objects.filter(state="confirmed")[0]
    proposed = PlanCorrection.objects.filter(state="proposed")[0]
    with no_guards():
        for of, before in ((proposed, row.values["name"]), (correction, "別の名前")):
            PlanCorrectionLine.objects.create(
                correction=of,
                indicator_id=row.values["id"],
                wording="name",
                before=before,
                after="改めた名前",
            )
    for column in ("name", "unit", "significance", "printed_kind"):
        yield row.update(column, "改めた名前")


def _goal_called_otherwise(world: Center) -> Iterator[Sql]:
    row = first(
        Goal,
        "EXISTS (SELECT 1 FROM kpi_indicator i JOIN kpi_target t ON t.indicator_id = i.id WHERE i.plan_id = old.plan_id)",
    )
    yield row.update("label", "改めた目標")


CASES: dict[str, Case] = {
    "agreements_duty_first_date": _first_date,
    "agreements_notice_by_its_side": _giving_notice,
    "agreements_obligation_years": _obligation_years,
    "agreements_party_concluded": _party,
    "agreements_requireddocument_insert": _document,
    "finance_account_meaning": _meaning,
    "finance_account_no_sum_over_lines": _part_of_a_leaf,
    "finance_account_years": _account_years,
    "finance_entry_closed_year": _entry_of_a_closed_year,
    "finance_entry_in_year": _entry_outside_its_year,
    "finance_entry_leaf": _entry_of_a_sum,
    "finance_entry_reversal": _reversal_of_something_else,
    "finance_monthtotal_is_the_sum": _sums,
    "finance_statementline_leaf": _line_of_a_sum,
    "finance_yearclosing_by_operator": _closing,
    "finance_yearclosing_by_supporter": _reopening,
    "finance_yearclosing_of_its_sums": _unequal_sums,
    "kpi_goal_corrected": _goal_called_otherwise,
    "kpi_indicator_corrected": _called_otherwise,
    "kpi_indicatorbasis_chosen_anew": _choosing_a_basis,
    "kpi_indicatorbasis_given_up": _giving_up_a_basis,
    "kpi_target_told": _changed_target,
    "kpi_publication_switched": _switching,
    "kpi_record_corrected": _correcting,
    "tableimport_undone": _undone_and_rewritten,
}


def test_what_must_not_be_written_is_refused(world: Center) -> None:
    for name, case in CASES.items():
        with transaction.atomic():
            tried = [attacks.refused_by(statement) for statement in case(world)]
            assert tried, name
            assert all(MESSAGES[name] in message for message in tried), f"{name}: {tried}"
            transaction.set_rollback(True)


# Lines of what is locked: a copy of one that is there, with a key of its own.
LINES = [
    guard
    for guard in guards.declared()
    if guard.events == ("INSERT",) and guard not in (*BEGUN, *WRITTEN) and guard.name not in CASES
]


def test_nothing_is_added_to_what_is_locked(world: Center) -> None:
    for guard in LINES:
        copy = first(apps.get_model(guard.model), guard.when.replace("NEW.", "old.")).apart()
        messages = [attacks.refused_by(copy.insert())]
        if connection.vendor == "postgresql":
            messages.append(attacks.copied(copy))
        assert all(guard.message in message for message in messages), f"{guard.name}: {messages}"


def test_nothing_is_recorded_by_somebody_whose_affair_it_is_not(world: Center) -> None:
    """By nobody, or by somebody of no side of the center; in every way in which a row comes in."""
    with no_guards():
        YearClosing.objects.all().delete()  # which would be named first
    office = Organisation.objects.create(code="elsewhere", name="別の団体")
    stranger = User.objects.create(username="stranger", name="他人", organisation=office, role=Role.STAFF).pk
    for guard in WRITTEN:
        copy = first(apps.get_model(guard.model)).apart()
        for by in (stranger, None):
            forged = copy.with_values(recorded_by_id=by) if by else copy.with_values(**_without_origin(copy))
            messages = [
                attacks.refused_by(forged.insert(after=after)) for after in ("", "ON CONFLICT DO NOTHING")
            ]
            if connection.vendor == "sqlite":
                messages.append(attacks.refused_by(forged.insert("INSERT OR REPLACE")))
            else:
                messages.append(attacks.copied(forged))
            assert all(guard.message in message for message in messages), f"{guard.name}: {messages}"


def _without_origin(row: Row) -> dict[str, Any]:
    return {"recorded_by_id": None} | ({"source": ""} if "source" in row.values else {})


def test_every_guard_is_broken_by_a_test() -> None:
    generic = {guard.name for guard in guards.declared() if guard.keeps_rows} - BY_WHAT_IS_WRITTEN
    tried = generic | {guard.name for guard in (*WAYS, *BEGUN, *LINES, *WRITTEN)} | set(CASES)
    assert tried == {guard.name for guard in guards.declared()}
    assert {guard.name for guard in guards.declared()} >= BY_WHAT_IS_WRITTEN
