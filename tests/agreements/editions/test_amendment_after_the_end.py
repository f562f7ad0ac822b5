"""An amendment that would take effect after the agreement's last day, once both know that: it settles nothing, and says so."""

import html
from datetime import date
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError

from agreements.editions import actions, draft_actions
from agreements.instruments import ending_actions
from agreements.models import Agreement, Edition
from iconm_portal.models import Center, ProposalState, User
from tests.builders.agreements import make_agreement, proposed_ending
from tests.builders.editions import AT, change_talk, make_amendment, make_worded, propose
from tests.builders.plans import tokyo
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
LAST = date(2026, 12, 31)
TOO_LATE = "This amendment cannot take effect on 1 April 2027: the agreement ends before that day."


@pytest.fixture
def proposed(center: Center, city_staff: User, foundation_staff: User) -> Edition:
    """The city has proposed to amend the agreement from R9.4.1 on."""
    first = make_worded(center, parent=make_agreement(center, code="above"))
    draft = make_amendment(first.agreement, city_staff)
    return propose(draft, city_staff, change_talk(first.agreement, city_staff, foundation_staff))


def end(agreement: Agreement, city: User, foundation: User) -> None:
    """Both agree on the day on which the amendment was proposed: the last day is R8.12.31."""
    ending = proposed_ending(agreement, by=city, confirmed_by=foundation, ends_on=LAST)
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation, at=AT)


@pytest.mark.parametrize("which", ["basic", "above"])
def test_it_is_neither_confirmed_nor_said_to_take_effect(
    proposed: Edition, city_staff: User, foundation_staff: User, log_in: LogIn, which: str
) -> None:
    end(Agreement.objects.get(code=which), city_staff, foundation_staff)
    for on in (date(2026, 12, 15), date(2027, 4, 5)):
        with time_machine.travel(tokyo(on), tick=False):
            client = log_in(foundation_staff)
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
            page = html.unescape(client.get("/lab/agreements/basic/editions/2/").content.decode())
        assert TOO_LATE in page
        assert "It would take effect on" not in page
        assert "Confirm the amendment" not in page
    with pytest.raises(ValidationError, match="before the agreement's end on"):
        actions.confirm(edition=proposed, version=proposed.version, by=foundation_staff, at=AT)
    at = tokyo(date(2027, 4, 5))
    with pytest.raises(ValidationError, match="has ended"):
        actions.confirm(edition=proposed, version=proposed.version, by=foundation_staff, at=at)
    proposed.refresh_from_db()
    assert proposed.state == ProposalState.PROPOSED


def test_none_is_begun_for_a_day_after_the_last(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    agreement = make_worded(center).agreement
    end(agreement, city_staff, foundation_staff)
    begun: Any = {"agreement": agreement, "reason": "期限", "by": city_staff, "at": AT}
    with pytest.raises(ValidationError, match="before the agreement's end on"):
        draft_actions.start_amendment(in_force_from=date(2027, 1, 1), **begun)
    draft = draft_actions.start_amendment(in_force_from=LAST, **begun)
    with pytest.raises(ValidationError, match="before the agreement's end on"):
        draft_actions.change_draft(
            edition=draft,
            version=draft.version,
            in_force_from=date(2027, 1, 1),
            reason="期限",
            by=city_staff,
            at=AT,
        )
