"""The deed in the portal that fulfils an obligation: found for a fiscal year, or for a request."""

from agreements.models import Duty, Obligation, Timing
from iconm_portal.standing.deeds import Deed, Deeds
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


def deed_of(deeds: Deeds, obligation: Obligation, year: FiscalYear, duty: Duty | None) -> Deed | None:
    """The deed that fulfils the obligation in the year; a request is answered by one done after it was made."""
    if not obligation.deed:
        return None
    code, agreement = obligation.deed, obligation.agreement.code
    if obligation.timing == Timing.ON_REQUEST:
        return deeds.first_since(code, agreement, clock.day_of(duty.stored_at)) if duty else None
    return deeds.find(code, agreement, year)
