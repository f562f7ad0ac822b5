"""Invented agreements for the fictional center, in which every state can be seen. iCONM gets none of it."""

from dataclasses import dataclass

from iconm_portal.models import Center, User


@dataclass(frozen=True)
class People:
    """Who acts in the demonstration."""

    city: User
    foundation: User


def load(center: Center, people: People) -> None:
    """Everything, subject by subject, through the actions."""
