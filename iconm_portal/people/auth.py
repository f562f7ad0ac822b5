"""Logging in: the person comes with their organisation, and the address is the peer's own."""

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from iconm_portal.models import User


class PortalBackend(ModelBackend):
    """Django's own password check; no permissions table, because access.py has the rules."""

    def get_user(self, user_id: int) -> User | None:
        return User.objects.select_related("organisation").filter(pk=user_id, is_active=True).first()


def client_address(request: HttpRequest) -> str | None:
    """The address of the connection. X-Forwarded-For is not asked: any client can write it.

    None where there is none (a server on a unix socket): PostgreSQL takes no empty text for an address.
    """
    return request.META.get("REMOTE_ADDR") or None
