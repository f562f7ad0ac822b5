"""What cannot be is refused where it is typed, with the reason; what is unusual of its kind is handed in with one only."""

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation
from openpyxl import load_workbook

from iconm_portal.history.history import Source
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Actual, Indicator, Plan, Report
from kpi.plans.achievement import Certainty, Kind
from kpi.plans.actions import add_target
from kpi.reports import actions
from kpi.reports.upload.sheet_file import CERTAINTY, SHEET, VALUE
from kpi.value_sources.entry_values import Entered
from tests.builders.entry_pages import address, opened, type_in
from tests.builders.plans import Accepted, fill, make_draft, make_plan, tokyo
from tests.builders.proposals import make_target_draft
from tests.builders.uploads import columns, download, fill_in, row_of, upload
from tests.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("early_june")]
NO_COUNT_BELOW_0 = "この指標の値は0件を下回ることがありません。"
NO_SHARE_ABOVE_100 = "この指標の値は100%を上回ることがありません。"


@pytest.fixture(autouse=True)
def in_japanese() -> Any:
    with translation.override("ja"):
        yield


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, targets={"trials": 13, "patents": 5})


@pytest.fixture
def draft(plan: Plan, foundation_staff: User) -> Report:
    return make_draft(plan, 2023, {}, by=foundation_staff)


@pytest.fixture
def client(foundation_staff: User) -> Client:
    return client_of(foundation_staff)


# -- What an indicator can be --


@pytest.mark.parametrize(
    ("fields", "possible", "impossible"),
    [
        ({"kind": Kind.FLOW, "unit": "件"}, ["0", "99999"], ["-1"]),
        ({"kind": Kind.CUMULATIVE, "unit": "社"}, ["0"], ["-0.001"]),
        ({"kind": Kind.LEVEL, "unit": "機関"}, ["0"], ["-1"]),
        ({"kind": Kind.RATIO, "unit": "%"}, ["0", "100"], ["-0.1", "100.1", "150"]),
        ({"kind": Kind.FLOW, "unit": "千円", "scale": 1000}, ["-5000", "0"], []),
        ({"kind": Kind.RATIO, "unit": "%", "highest": Decimal(200)}, ["150", "200"], ["-1", "200.1"]),
        ({"kind": Kind.LEVEL, "unit": "件", "lowest": Decimal(-5)}, ["-5"], ["-5.1"]),
        ({"kind": Kind.FLOW, "unit": "千円", "scale": 1000, "lowest": Decimal(0)}, ["0"], ["-1"]),
    ],
)
def test_what_an_indicator_can_be(
    fields: Mapping[str, Any], possible: list[str], impossible: list[str]
) -> None:
    one = Indicator(**fields)
    assert [text for text in possible if one.out_of_bounds(Decimal(text))] == []
    assert [text for text in impossible if not one.out_of_bounds(Decimal(text))] == []


def test_the_bound_is_named_in_the_display_unit() -> None:
    one = Indicator(kind=Kind.FLOW, unit="千円", scale=1000, lowest=Decimal(2_500_000))
    with pytest.raises(ValidationError, match="この指標の値は2,500千円を下回ることがありません。"):
        one.refuse_outside(Decimal(0))


# -- Refused where it is typed --


def test_the_entry_sheet_refuses_at_the_field_and_saves_nothing(client: Client, draft: Report) -> None:
    answer = type_in(client, draft, patents_value="▲5", occupancy_value="150")
    text = answer.content.decode()
    assert NO_COUNT_BELOW_0 in text
    assert NO_SHARE_ABOVE_100 in text
    assert not draft.actuals.exists()


def test_the_filled_in_sheet_refuses_in_the_cell(client: Client, draft: Report) -> None:
    sheet = fill_in(
        download(client, draft),
        **{f"patents_{VALUE}": -5, f"patents_{CERTAINTY}": "確定", f"occupancy_{VALUE}": 101},
    )
    answer = upload(client, draft, sheet)
    text = answer.content.decode()
    assert NO_COUNT_BELOW_0 in text
    assert NO_SHARE_ABOVE_100 in text
    assert not draft.actuals.exists()


def test_the_sheet_itself_takes_no_such_value(client: Client, draft: Report) -> None:
    sheet = load_workbook(io.BytesIO(download(client, draft)))[SHEET]
    _heading, found = columns(sheet)
    bounds = {}
    for code in ("trials", "income", "occupancy"):
        place = sheet.cell(row_of(sheet, code), found[VALUE]).coordinate
        check = next(one for one in sheet.data_validations.dataValidation if place in one.sqref)
        bounds[code] = (check.formula1, check.formula2)
    assert bounds == {
        "trials": ("0", "999999999999"),
        "income": ("-999999999", "999999999"),
        "occupancy": ("0.0", "100.0"),
    }


def test_an_action_refuses_too(plan: Plan, draft: Report, foundation_staff: User) -> None:
    with pytest.raises(ValidationError) as refused:
        fill(draft, {"patents": -5}, by=foundation_staff)
    assert refused.value.message_dict == {"patents-value": [NO_COUNT_BELOW_0]}


def test_a_proposed_target_is_refused(client: Client, plan: Plan, foundation_staff: User) -> None:
    with pytest.raises(ValidationError, match="100%"):
        make_target_draft(plan, {("occupancy", 2024): 150}, by=foundation_staff)
    page = "/lab/kpi/research/targets/new/"
    data = {"reason": "見直し", "effective_from": "2024-06-03", "occupancy-2024": "150", "patents-2024": "-1"}
    answer = client.post(page, data)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {
        "occupancy-2024": [NO_SHARE_ABOVE_100],
        "patents-2024": [NO_COUNT_BELOW_0],
    }


def test_a_loaded_target_and_a_loaded_actual_are_refused(plan: Plan, draft: Report) -> None:
    occupancy = plan.indicators.get(code="occupancy")
    with pytest.raises(ValidationError, match="100%"):
        add_target(
            indicator=occupancy,
            fiscal_year=FiscalYear(2024),
            value=Decimal(150),
            known_from=date(2024, 6, 1),
            by=Source("T1"),
        )
    with pytest.raises(ValidationError, match="100%"):
        Actual(report=draft, indicator=occupancy, value=Decimal(101)).full_clean()


def test_the_next_plan_refuses_at_the_field_unless_its_indicator_says_otherwise(
    client: Client, center: Center, plan: Plan, foundation_staff: User
) -> None:
    client.post("/lab/kpi/next/start/", {"previous": "research"})
    here = f"/lab/kpi/next/{center.plan_proposals.get().pk}/indicators/occupancy/"
    form = client.get(here).context["form"]
    data = {field.name: value for field in form if (value := field.value()) not in (None, False)}
    answer = client.post(here, data | {"target-2026": "150"})
    assert answer.status_code == 400
    assert answer.context["form"].errors == {"target-2026": [NO_SHARE_ABOVE_100]}
    answer = client.post(here, data | {"lowest": "10", "highest": "5"})
    assert answer.context["form"].errors == {"highest": ["最小の値は最大の値以下にしてください。"]}
    assert client.post(here, data | {"target-2026": "150", "highest": "200"}).status_code == 302
    assert client.get(here).context["form"]["highest"].value() == "200"


# -- Handed in with a reason only --


def refused(report: Report, by: User, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What stands in the way of handing in these values; nothing where they are handed in."""
    filled = fill(report, values, by=by, at=tokyo(date(2024, 6, 3)))
    try:
        actions.submit(report=filled, version=filled.version, by=by, at=filled.saved_at)  # type: ignore[arg-type]
    except ValidationError as error:
        return error.message_dict
    return {}


def test_a_cumulative_below_the_year_before_needs_a_reason(
    plan: Plan, draft: Report, accepted_report: Accepted, foundation_staff: User
) -> None:
    accepted_report(plan, 2022, {"trials": 12})
    assert refused(draft, foundation_staff, {"trials": 9}) == {
        "trials-note": ["累計が令和4年度（12件）より減っています。備考に理由を記入してください。"]
    }
    draft.refresh_from_db()
    assert refused(draft, foundation_staff, {"trials": Entered(Decimal(9), note="3件を除外")}) == {}


def test_a_cumulative_that_falls_within_the_year_needs_a_reason(
    plan: Plan, accepted_report: Accepted, foundation_staff: User
) -> None:
    interim = Entered(Decimal(12), certainty=Certainty.INTERIM)
    accepted_report(plan, 2023, {"trials": interim}, as_of=date(2023, 9, 30))
    draft = make_draft(plan, 2023, {}, by=foundation_staff)
    assert refused(draft, foundation_staff, {"trials": 9}) == {
        "trials-note": ["累計が令和5年9月末の値（12件）を下回っています。備考に理由を記入してください。"]
    }


def test_a_correction_of_an_earlier_year_above_the_later_one_needs_a_reason(
    plan: Plan, accepted_report: Accepted, foundation_staff: User
) -> None:
    """R4 = 13 over R5 = 12."""
    earlier = accepted_report(plan, 2022, {"trials": 11})
    accepted_report(plan, 2023, {"trials": 12})
    draft = actions.start_correction(report=earlier, reason="計上漏れ", by=foundation_staff)
    assert refused(draft, foundation_staff, {"trials": 13}) == {
        "trials-note": ["累計が令和6年3月末の値（12件）を上回っています。備考に理由を記入してください。"]
    }


def test_a_yearly_flow_below_0_needs_a_reason(draft: Report, foundation_staff: User) -> None:
    assert refused(draft, foundation_staff, {"income": -5_000}) == {
        "income-note": ["年間の値が0を下回っています。備考に理由を記入してください。"]
    }
    draft.refresh_from_db()
    assert refused(draft, foundation_staff, {"income": Entered(Decimal(-5_000), note="返還")}) == {}


def test_what_does_not_fall_needs_none(
    plan: Plan, draft: Report, accepted_report: Accepted, foundation_staff: User
) -> None:
    accepted_report(plan, 2022, {"trials": 12, "patents": 9, "occupancy": 90})
    assert refused(draft, foundation_staff, {"trials": 12, "patents": 1, "occupancy": 20}) == {}


def test_the_missing_reason_is_said_at_the_note_of_the_entry_sheet(
    plan: Plan, draft: Report, accepted_report: Accepted, client: Client
) -> None:
    accepted_report(plan, 2022, {"trials": 12})
    answer = client.post(
        address(draft, "entry"), opened(client, draft) | {"trials-value": "9", "step": "submit"}
    )
    assert "（12件）より減っています。備考に理由を記入してください。" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"
