"""load_demo: people and a fictional center, only while DEBUG is on, and nothing invented for iCONM."""

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from iconm_portal.models import Center, ProposalState, ReviewState, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.loading.demonstration import PASSWORD
from kpi.models import Initiative, OfficialTextLine, Report
from kpi.plans import scorecard
from kpi.plans.achievement import Band

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 24)


@pytest.fixture
def loaded(iconm: Center, settings) -> str:
    """What the command says, run on the report's facts."""
    settings.DEBUG = True
    output = StringIO()
    call_command("load_demo", stdout=output)
    return output.getvalue()


def test_refused_outside_debug(settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("load_demo")
    assert not User.objects.exists()


def test_needs_the_reference_first(settings) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match="load_reference"):
        call_command("load_demo")


def test_says_how_to_log_in_as_everyone(loaded: str) -> None:
    assert PASSWORD in loaded
    for user in User.objects.all():
        assert user.username in loaded
        assert user.check_password(PASSWORD)
        assert user.is_demonstration


@pytest.mark.usefixtures("demo")
def test_everyone_has_an_address_that_nobody_owns() -> None:
    """example.jp is reserved: no mail of the demonstration reaches anybody (RFC 2606, section 3; JPRS likewise)."""
    addresses = list(User.objects.values_list("email", flat=True))
    assert len(set(addresses)) == len(addresses) > 0
    assert all(address.endswith(".example.jp") for address in addresses)


@pytest.mark.usefixtures("demo")
def test_both_sides_confirmed_an_official_text_and_the_rest_is_a_summary() -> None:
    known = scorecard.load(Center.objects.get(fictional=True), known_at=TODAY)
    assert [kgi.is_summary for plan in known.plans for kgi in plan.kgis if kgi.code == "everyday-care"] == [
        False,
        False,
    ]
    settled = OfficialTextLine.objects.filter(proposal__state=ProposalState.CONFIRMED)
    assert settled.count() == 3
    assert all("架空" in line.text for line in settled)
    assert Initiative.objects.filter(category__scheme__center__fictional=True).count() > 2


@pytest.mark.usefixtures("demo")
def test_second_time_adds_nothing(settings) -> None:
    settings.DEBUG = True
    before = (User.objects.count(), Report.objects.count())
    call_command("load_demo", stdout=StringIO())
    assert (User.objects.count(), Report.objects.count()) == before


@pytest.mark.usefixtures("demo")
def test_iconm_gets_no_figure() -> None:
    assert not Report.objects.filter(plan__center__code="iconm", source="").exists()
    assert Center.objects.filter(fictional=True).count() == 1
    assert not Center.objects.get(code="iconm").fictional


@pytest.mark.usefixtures("demo")
def test_fictional_center_shows_every_state_and_band() -> None:
    center = Center.objects.get(fictional=True)
    states = set(Report.objects.filter(plan__center=center).values_list("state", flat=True))
    assert states == {ReviewState.ACCEPTED, ReviewState.SUBMITTED, ReviewState.RETURNED, ReviewState.DRAFT}
    plan = scorecard.load(center, known_at=TODAY).plan("growth")
    bands = {row.cell(FiscalYear(2025)).band for row in plan.rows}
    assert {Band.MET, Band.NEARLY, Band.NOT_APPLICABLE, Band.UNREPORTED} <= bands
    assert Report.objects.filter(plan__center=center, revision=2, state=ReviewState.ACCEPTED).exists()
