"""load_reference: the report's facts once, never overwritten, each with its source and its history."""

import datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.loading import reference
from kpi.models import Actual, Continuity, Indicator, Report, Target
from kpi.plans import scorecard
from kpi.plans.achievement import Certainty
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db
PUBLISHED = datetime.date(2022, 1, 27)


def test_second_load_changes_nothing(iconm: Center) -> None:
    def counts() -> list[int]:
        return [model.objects.count() for model in (Indicator, Target, Report, Actual, HistoryEvent)]

    before = counts()
    again = reference.load()
    assert (again.added, again.differing) == (0, [])
    assert again.identical > 100
    assert counts() == before


def test_what_differs_is_reported_and_kept(iconm: Center) -> None:
    indicator = Indicator.objects.get(plan__code="support-r4", code="media")
    indicator.name = "報道件数"
    with no_guards():  # as if it had been so from the beginning
        indicator.save()
    output = StringIO()
    call_command("load_reference", stdout=output)
    indicator.refresh_from_db()
    assert indicator.name == "報道件数"
    assert "1 differ" in output.getvalue()
    assert "報道件数 ≠ メディア掲載件数" in output.getvalue()


def test_no_person_is_named_for_the_reports_figures(iconm: Center) -> None:
    assert not User.objects.exists()
    assert not Report.objects.filter(source="").exists()
    assert not Target.objects.filter(source="").exists()
    assert not HistoryEvent.objects.exclude(actor="").exists()
    assert not HistoryEvent.objects.filter(source="").exists()


def test_nothing_is_known_before_the_report_was_published(iconm: Center) -> None:
    assert scorecard.load(iconm, known_at=PUBLISHED - datetime.timedelta(days=1)).plans == ()
    codes = [plan.code for plan in scorecard.load(iconm, known_at=PUBLISHED).plans]
    assert codes == ["startup", "support-r1", "support-r4"]


def test_baseline_keeps_its_day_and_its_certainties(iconm: Center) -> None:
    plan = scorecard.load(iconm, known_at=PUBLISHED).plan("support-r4")
    cells = {row.indicator.code: row.cell(FiscalYear(2021)) for row in plan.rows}
    assert all(cell.actual and cell.actual.as_of == datetime.date(2021, 11, 30) for cell in cells.values())
    certainties = {code: cell.actual.certainty for code, cell in cells.items() if cell.actual}
    assert certainties.pop("research-income") == Certainty.FORECAST
    assert set(certainties.values()) == {Certainty.INTERIM}


def test_patents_break_and_the_others_continue(iconm: Center) -> None:
    continuity = dict(Indicator.objects.filter(plan__code="support-r4").values_list("code", "continuity"))
    assert continuity.pop("patents") == Continuity.BREAKS
    assert {code for code, word in continuity.items() if word == Continuity.CONTINUES} == {
        "trials",
        "research-income",
        "occupancy",
        "ventures",
    }


def test_targets_of_r3_have_no_actuals(iconm: Center) -> None:
    """A blank is not zero: T3 prints targets for R3 and nothing beside them."""
    plan = scorecard.load(iconm, known_at=PUBLISHED).plan("support-r1")
    r3 = [row.cell(FiscalYear(2021)) for row in plan.rows]
    assert all(cell.target is not None and cell.actual is None for cell in r3)


def test_research_income_is_stored_in_yen(iconm: Center) -> None:
    values = Actual.objects.filter(indicator__plan__code="support-r1", indicator__code="research-income")
    assert sorted(values.values_list("value", flat=True)) == [Decimal(505_794_000), Decimal(600_536_000)]
