"""What was settled before the portal kept what it rests on gets what was known when it was settled."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps

from agreements.models import AgreementKind, Verdict, VerificationKind
from agreements.verifications import actions
from iconm_portal.models import RestsOn
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import IndicatorBasis
from tests.builders import finance
from tests.builders.agreements import make_agreement
from tests.builders.plans import make_accepted_report, make_plan, tokyo
from tests.builders.standing import correct_statement, verify
from tests.builders.support import make_criteria, make_land, make_verification_obligation
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db


def make_effect(center) -> None:
    """What the city judges every year: the use of the land free of charge."""
    agreement = make_agreement(center)
    loan = make_agreement(center, code="land", kind=AgreementKind.LAND_LOAN, parent=agreement)
    make_land(agreement, contract=loan)
    make_verification_obligation(agreement, VerificationKind.EFFECT)
    make_criteria(center)
    finance.make_accounts(center)


def judge_effect(center, *, by, at) -> None:
    """FY2025 meets the conditions."""
    row = actions.begin(center=center, fiscal_year=FiscalYear(2025), version=0, by=by, at=at)
    given = {"judgements": dict.fromkeys(center.criteria.all(), "認める"), "follow_up": "続ける"}
    actions.judge(verification=row, version=row.version, verdict=Verdict.MEETS, by=by, at=at, **given)


def kept() -> set[tuple[object, ...]]:
    fields = (
        "settled_kind",
        "settled_key",
        "settled_revision",
        "kind",
        "key",
        "revision",
        "value",
        "known_from",
    )
    return set(RestsOn.objects.values_list(*fields))


def test_the_migrations_write_what_the_actions_would_have(
    center, foundation_staff, city_staff, time_machine
) -> None:
    time_machine.move_to(tokyo(date(2025, 10, 1)))
    make_verification_obligation(make_agreement(center), VerificationKind.SETTLEMENT)
    accounts = finance.make_accounts(center)
    plan = make_plan(center, indicators=1)
    IndicatorBasis.objects.create(indicator=plan.indicators.get(), account=accounts["running"], source="T3")
    statement = finance.settled(center, 2024, by=foundation_staff, reviewer=city_staff)
    at = tokyo(date(2025, 5, 28))
    make_accepted_report(plan, 2024, {"i0": 600_000}, by=foundation_staff, reviewer=city_staff, at=at)
    verify(center, 2024, by=city_staff, confirmer=foundation_staff)
    less = finance.USUAL | {"building": 340_000}
    correct_statement(statement, less, by=foundation_staff, reviewer=city_staff, day=date(2025, 9, 12))
    before = kept()
    assert len(before) == 3

    migrations = [
        import_module(f"kpi.migrations.{name}")
        for name in ("0004_what_verifications_saw", "0006_what_values_are_taken_from")
    ]
    with no_guards():
        RestsOn.objects.all().delete()
        for migration in migrations:
            migration.record(apps, None)
        assert kept() == before
        for migration in migrations:
            migration.forget(apps, None)
        assert kept() == set()


def test_the_judgements_of_earlier_days_get_what_was_known_then(
    center, foundation_staff, city_staff, time_machine
) -> None:
    """The settlement of two weeks before, and neither its later correction nor the report that came after it."""
    time_machine.move_to(tokyo(date(2026, 10, 1)))
    make_effect(center)
    plan = make_plan(center, indicators=1)
    people = {"by": foundation_staff, "reviewer": city_staff}
    at = tokyo(date(2026, 5, 28))
    statement = finance.settled(center, 2025, at=at, **people)
    judge_effect(center, by=city_staff, at=tokyo(date(2026, 6, 10)))
    less = finance.USUAL | {"building": 340_000}
    correct_statement(statement, less, day=date(2026, 9, 12), **people)
    make_accepted_report(plan, 2025, {"i0": 600_000}, at=tokyo(date(2026, 9, 13)), **people)
    before = kept()
    assert [row[3:6] for row in before] == [("finance.settlement", "2025", "settlement-r1")]
    with no_guards():
        RestsOn.objects.all().delete()
        migration = import_module("agreements.migrations.0016_what_judgements_saw")
        migration.record(apps, None)
        assert kept() == before
        migration.record(apps, None)
        assert kept() == before, "what is there already stays alone"
