"""What templates say of the rules of obligations, and of what amendments make of them."""

from django import template

from agreements.duties import texts, timings
from agreements.models import Obligation
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

register = template.Library()
register.filter("change_in_words", timings.change_in_words)
register.filter("provision_name", texts.provision_name)


@register.filter
def rule_in_words(obligation: Obligation) -> str:
    """When it falls due, with this fiscal year as the example."""
    return timings.in_words(obligation, FiscalYear.of(clock.today()))
