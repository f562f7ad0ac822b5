"""The words and signs of the agreements: states, in the reader's language."""

from datetime import date

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import pgettext, pgettext_lazy

from agreements.instruments.state import Facts, State, state_on
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


def state_word(facts: Facts, day: date) -> str:
    """The state of one agreement on the day, in a word; of what ended with the agreement above it, with the reason."""
    state = state_on(facts, day)
    if facts.never_starts(day) and facts.is_concluded(day):
        return (
            pgettext("state of an agreement", "will not come into force (ends with the agreement above it)")
            if facts.ends_with_above(day)
            else pgettext("state of an agreement", "will not come into force")
        )
    if state is State.ENDED and facts.ends_with_above(day):
        return pgettext("state of an agreement", "ended (with the agreement above it)")
    return str(STATE[state])


def chip_of(facts: Facts, day: date) -> SafeString:
    """The same as sign, word and colour."""
    state = State.ENDED if facts.never_starts(day) and facts.is_concluded(day) else state_on(facts, day)
    return template_tags.chip(_CHIPS[state], state_word(facts, day))


def state_chip(state: State) -> SafeString:
    """A state as sign, word and colour, whichever agreements are in it."""
    return template_tags.chip(_CHIPS[state], str(STATE[state]))
