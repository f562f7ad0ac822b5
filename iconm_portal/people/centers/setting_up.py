"""A way that leads from nothing to what works: steps, each with what is there, what is missing and what works already."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Link:
    """Where a step is filled in, with its words."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class SetUpStep:
    """One step as it stands. `key` is its anchor on the page; `works`: what works with what is there.

    `links`: for whoever may fill it in; `ask`: for everybody else, whom to ask.
    """

    key: str
    title: str
    there: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    works: str = ""
    links: tuple[Link, ...] = ()
    ask: tuple[str, ...] = field(default=())

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is missing."""
        return not self.missing


def next_of(steps: "list[SetUpStep]") -> SetUpStep | None:
    """The first step of which something is missing."""
    return next((step for step in steps if not step.is_done), None)
