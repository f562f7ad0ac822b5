"""The way down to a page, shown above its title."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Crumb:
    """A link with its words; without an address it is where one is."""

    label: str
    url: str
