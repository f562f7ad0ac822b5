"""What was settled before the portal kept what it rests on gets what was known when it was settled."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps

from agreements.models import VerificationKind
from iconm_portal.models import RestsOn
from kpi.models import IndicatorBasis
from tests.builders import finance
from tests.builders.agreements import make_agreement
from tests.builders.plans import make_accepted_report, make_plan, tokyo
from tests.builders.standing import correct_statement, verify
from tests.builders.support import make_verification_obligation
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db


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
