"""Pages, sheets and filters over rows of every kind, state and stage: none may fail on a member that it does not know.

A world is made of one row for every combination of members that the database takes; then the pages that show such rows
are opened as each of the people who see them.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, models, transaction
from django.test import Client

from agreements.models import (
    AgreementKind,
    Bound,
    ConsultationType,
    LimitRule,
    Obligation,
    SupportKind,
    SupportMeasure,
    Timing,
    VerificationKind,
    Way,
)
from finance.balance.balance import Face
from finance.models import Purpose, Side, Stage
from iconm_portal.models import Center, ReviewState, Role, User
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit
from kpi.models import Measured, Plan, RecordStatus
from kpi.plans.achievement import Band, Certainty, Comparator, Kind
from kpi.value_sources.entry_values import Entered
from tests.builders.agreements import make_agreement, make_consultation, make_obligation, store
from tests.builders.finance import make_account, make_statement
from tests.builders.plans import Accepted, make_draft, make_indicator, make_plan, tokyo
from tests.builders.records import make_basis, make_category, make_record
from tests.builders.support import make_measure
from tests.people import client_of
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db

Opened = Callable[..., None]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(tokyo(date(2026, 11, 24)), tick=False):
        yield


@pytest.fixture
def plan(center: Center, accepted_report: Accepted) -> Plan:
    """With an indicator of every kind and a report, so that there are committee papers."""
    plan = make_plan(center, indicators=[], years=(2024, 2027))
    for kind in Kind:
        make_indicator(plan, code=code(kind), name=f"指標 {kind}", unit="件", kind=kind)
    accepted_report(plan, 2025, {code(kind): 5 for kind in Kind})
    return plan


@pytest.fixture
def opened(city_staff: User, foundation_staff: User, foundation_viewer: User) -> Opened:
    """Open addresses of the center as staff of both sides, and as somebody who sees only what is settled."""

    def look(
        *addresses: str, people: tuple[User, ...] = (city_staff, foundation_staff, foundation_viewer)
    ) -> None:
        for person, language in zip(people, ("ja", "en", "ja"), strict=False):
            client = client_of(person)
            client.cookies["django_language"] = language
            for address in addresses:
                status = get(client, address)
                assert status == 200, f"{status}: {address} as {person.username}"

    return look


def get(client: Client, address: str) -> int:
    answer = client.get(f"/lab/{address}")
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


def code(*of: Any) -> str:
    """A code from members."""
    return "-".join(str(one.value) or "none" for one in of).replace("_", "-")


def made(make: Callable[[], models.Model]) -> bool:
    """Whether the database takes the row."""
    try:
        with transaction.atomic():
            make()
    except IntegrityError:
        return False
    return True


def test_indicators(
    center: Center, opened: Opened, accepted_report: Accepted, foundation_staff: User
) -> None:
    shapes = list(product(Kind, Comparator))
    indicators = [
        {
            "code": code(*shape),
            "name": f"指標 {code(*shape)}",
            "unit": "件",
            "kind": shape[0],
            "comparator": shape[1],
        }
        for shape in shapes
    ]
    targets = {one["code"]: 10 for one in indicators[: -len(Comparator)]}
    plan = make_plan(
        center, years=(2024, 2027), indicators=indicators, targets=targets, nearly_threshold="0.9"
    )
    values = [Entered(Decimal(8), certainty=certainty) for certainty in Certainty]
    values += [Entered(Decimal(9), certainty=Certainty.FINAL), Entered(None, not_applicable=True)]
    for year in (2024, 2025):
        some = {one["code"]: values[(place + year) % len(values)] for place, one in enumerate(indicators)}
        accepted_report(plan, year, some)
    draft = make_draft(
        plan, 2026, {one["code"]: 7 for one in indicators}, by=foundation_staff, as_of=date(2026, 9, 30)
    )
    opened(
        "",
        "kpi/",
        "kpi/research/",
        *(f"kpi/research/?band={band}" for band in Band),
        *(f"kpi/research/{one['code']}/" for one in indicators),
        "reports/",
        "reports/2025/",
        "changes/?earlier=2025-04-01&later=2026-11-24",
        "packs/committee.xlsx",
        "data/kpi-targets.csv",
    )
    opened(
        f"reports/2026/{draft.pk}/",
        f"reports/2026/{draft.pk}/entry/",
        f"reports/2026/{draft.pk}/sheet.xlsx",
        "kpi/next/",
        "kpi/research/targets/new/",
        people=(foundation_staff,),
    )


def test_duties(center: Center, plan: Plan, opened: Opened, city_staff: User, foundation_staff: User) -> None:
    agreement = make_agreement(center)
    usual = (Bound.OPERATOR, Way.REVIEW)
    shapes = [
        *((bound, way, Timing.YEARLY, "") for bound, way in product(Bound, Way)),
        *((*usual, timing, "") for timing in Timing),
        *((*usual, Timing.YEARLY, kind) for kind in VerificationKind),
    ]
    kept = [
        shape
        for number, shape in enumerate(shapes)
        if made(lambda shape=shape, number=number: obligation(agreement, number, *shape))
    ]
    for place, enumeration in enumerate((Bound, Way, Timing, VerificationKind)):
        assert {shape[place] for shape in kept} >= set(enumeration)
    stored = store(center, 2026, by=foundation_staff)
    opened(
        "agreements/",
        "agreements/basic/",
        "calendar/2026/",
        *(f"calendar/{one.fiscal_year.start}/basic/{one.obligation.code}/" for one in list(stored.values())),
        "verifications/",
        "traceability/",
        "traceability/basic/",
        "packs/committee.xlsx",
    )
    opened(
        *(f"verifications/{kind}/2025/" for kind in VerificationKind if kind.is_joint),
        people=(foundation_staff,),
    )
    opened("master/", "master/agreements/basic/", people=(city_staff,))


def obligation(agreement: Any, number: int, bound: Bound, way: Way, timing: Timing, kind: Any) -> Obligation:
    due = (5, 31, 1) if timing is Timing.YEARLY else (None, None, 0)
    return make_obligation(
        agreement,
        code=f"duty-{number}",
        bound=bound,
        way=way,
        timing=timing,
        verification=kind,
        due_month=due[0],
        due_day=due[1],
        due_year_offset=due[2],
        due_on=date(2026, 9, 30) if timing is Timing.ONCE else None,
    )


def test_support(center: Center, plan: Plan, opened: Opened) -> None:
    agreement = make_agreement(center)
    for shape in product(SupportKind, LimitRule):
        many = {"last_year": 2028, "total": 900_000_000} if shape[1].is_of_all_years else {"total": None}
        given = {"code": code(*shape), "kind": shape[0], "limit_rule": shape[1], **many}
        made(lambda given=given: make_measure(agreement, **given))
    kept = SupportMeasure.objects.filter(center=center)
    assert {one.kind for one in kept} == set(SupportKind)
    assert {one.limit_rule for one in kept} == set(LimitRule)
    opened(
        "support/",
        *(f"support/{measure.code}/" for measure in kept),
        "finance/contributions/",
        "agreements/basic/",
        "packs/committee.xlsx",
    )


def test_agreements(
    center: Center, plan: Plan, opened: Opened, city_staff: User, foundation_staff: User
) -> None:
    for kind in AgreementKind:
        annual = (
            {"parent": make_agreement(center, code="parent"), "fiscal_year": 2026}
            if kind is AgreementKind.ANNUAL
            else {}
        )
        make_agreement(center, code=code(kind), kind=kind, **annual)
    for kind in ConsultationType:
        make_consultation(center, proposer=foundation_staff, confirmer=city_staff, type=kind)
    opened(
        "agreements/",
        *(f"agreements/{code(kind)}/" for kind in AgreementKind),
        *(f"agreements/{code(kind)}/editions/" for kind in AgreementKind),
        "consultations/",
        *(f"consultations/?type={kind}" for kind in ConsultationType),
        *(f"consultations/{number}/" for number in range(1, len(ConsultationType) + 1)),
        "packs/committee.xlsx",
    )
    opened("master/", *(f"master/agreements/{code(kind)}/" for kind in AgreementKind), people=(city_staff,))


def test_statements(
    center: Center, plan: Plan, opened: Opened, city_staff: User, foundation_staff: User
) -> None:
    for shape in product(Side, Purpose):
        made(
            lambda shape=shape: make_account(
                center, code=code(*shape), name=code(*shape), side=shape[0], purpose=shape[1]
            )
        )
    revenue = center.accounts.filter(side=Side.REVENUE)[0]
    year = FiscalYear(2025)
    statements = [
        make_statement(center, year.start, {revenue.code: 1_000}, by=foundation_staff, stage=stage)
        for stage in Stage
        if stage is not Stage.SUPPLEMENTARY  # changes a budget that is settled
    ]
    opened(
        "finance/",
        "finance/2025/",
        *(f"finance/?face={face}&unit={unit.name.lower()}" for face, unit in product(Face, MoneyUnit)),
        "finance/statements/",
        *(f"finance/statements/?stage={stage}&state={state}" for stage, state in product(Stage, ReviewState)),
        "finance/ledger/",
        "finance/ledger/2025/",
        "packs/committee.xlsx",
    )
    opened(
        *(f"finance/statements/2025/{one.stage}/{one.revision}/" for one in statements),
        *(f"finance/statements/2025/{one.stage}/{one.revision}/entry/" for one in statements),
        people=(foundation_staff,),
    )
    opened(
        "finance/accounts/",
        *(f"finance/accounts/{one.code}/" for one in center.accounts.all()),
        people=(city_staff,),
    )


def test_records(center: Center, opened: Opened, plan: Plan) -> None:
    category = make_category(center)
    make_record(category, "ひとつ", happened="2025-09", people=40, quantity=2, satisfaction="80.0")
    with no_guards():  # the plan has an accepted report by now
        for measured, kind in product(Measured, Kind):
            names = {"code": code(measured, kind), "name": f"指標 {measured} {kind}"}
            make_basis(make_indicator(plan, **names, unit="件", kind=kind), category, measured)
    codes = [indicator.code for indicator in plan.indicators.all()]
    opened(
        "records/",
        *(f"records/?status={status}" for status in RecordStatus),
        "records/ventures/1/",
        *(f"kpi/research/{one}/" for one in codes),
        "packs/committee.xlsx",
    )
    opened("bases/")


def test_people(administrator: User) -> None:
    client = client_of(administrator)
    for role in Role:
        assert client.get(f"/people/?role={role}").status_code == 200
