"""The words and signs of the agreements: states, in the reader's language."""

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy

from agreements.instruments.state import State
from iconm_portal.display import template_tags

STATE: dict[State, Promise] = {
    State.DRAFT: pgettext_lazy("state of an agreement", "draft: not concluded"),
    State.CONCLUDED: pgettext_lazy("state of an agreement", "concluded, not yet in force"),
    State.IN_FORCE: pgettext_lazy("state of an agreement", "in force"),
    State.TERMINATING: pgettext_lazy("state of an agreement", "termination under discussion"),
    State.ENDED: pgettext_lazy("state of an agreement", "ended"),
}

_CHIPS = {
    State.DRAFT: "unreported",
    State.CONCLUDED: "active",
    State.IN_FORCE: "met",
    State.TERMINATING: "interim",
    State.ENDED: "neutral",
}


def state_chip(state: State) -> SafeString:
    """The state as sign, word and colour."""
    return template_tags.chip(_CHIPS[state], str(STATE[state]))
