"""What templates say of the rules of obligations, and of what amendments make of them."""

from django import template

from agreements.duties import texts, timings
from agreements.editions.obligations.amended import Resting
from agreements.models import Obligation
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

register = template.Library()
register.filter("change_in_words", timings.change_in_words)
register.filter("provision_name", texts.provision_name)


@register.filter
def before_in_words(one: Resting) -> list[str]:
    """What held of an obligation before the amendment."""
    year = FiscalYear.of(clock.today())
    return timings.before_in_words(one.obligation, year, edition=one.edition, change=one.change)


@register.filter
def in_force_in_words(obligation: Obligation) -> list[str]:
    """What holds of it in this fiscal year, and what settled amendments make of it later."""
    today = clock.today()
    return timings.in_force_in_words(obligation, FiscalYear.of(today), known_at=today)
