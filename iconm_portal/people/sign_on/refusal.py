"""Why a single sign-on came to nothing: what the page says, and the status of the answer."""

from enum import Enum
from http import HTTPStatus
from typing import assert_never

from django.utils.translation import gettext as _


class Refusal(Enum):
    """One way in which it came to nothing."""

    NOT_LINKED = "not_linked"
    CLOSED = "closed"
    KEPT_OUT = "kept_out"
    NOT_PROVEN = "not_proven"
    AWAY = "away"
    ASTRAY = "astray"

    @property
    def status(self) -> HTTPStatus:
        match self:
            case Refusal.NOT_LINKED | Refusal.CLOSED | Refusal.KEPT_OUT:
                return HTTPStatus.FORBIDDEN
            case Refusal.NOT_PROVEN:
                return HTTPStatus.BAD_REQUEST
            case Refusal.AWAY:
                return HTTPStatus.SERVICE_UNAVAILABLE
            case Refusal.ASTRAY:
                return HTTPStatus.BAD_GATEWAY
            case _:
                assert_never(self)

    def said(self, provider: str) -> str:
        """To the person, of the provider by its name."""
        names = {"provider": provider}
        match self:
            case Refusal.NOT_LINKED:
                return (
                    _(
                        "%(provider)s knows you, and this portal does not know which account is yours. Ask the person who"
                        " administers the portal in your organisation: they link the two."
                    )
                    % names
                )
            case Refusal.CLOSED:
                return _(
                    "Your account is deactivated. If you need it for your work, ask the person who administers the portal"
                    " in your organisation."
                )
            case Refusal.KEPT_OUT:
                return _(
                    "This account belongs to the demonstration. It works where `make run` serves the portal, and not here."
                )
            case Refusal.NOT_PROVEN:
                return (
                    _(
                        "What came back from %(provider)s does not show who you are, or it took too long. Begin again at the"
                        " login page."
                    )
                    % names
                )
            case Refusal.AWAY:
                return (
                    _(
                        "%(provider)s does not answer at the moment. Try again in a minute, or log in with the password of"
                        " this portal."
                    )
                    % names
                )
            case Refusal.ASTRAY:
                return (
                    _(
                        "%(provider)s answers what this portal cannot use. Tell the person who runs the portal; you can log"
                        " in with the password of this portal."
                    )
                    % names
                )
            case _:
                assert_never(self)
