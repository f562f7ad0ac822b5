"""Logging in: the person comes with their organisation, and the address is the client's."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from ipware import get_client_ip

from iconm_portal.models import User


class PortalBackend(ModelBackend):
    """Django's own password check; no permissions table, because access.py has the rules."""

    def get_user(self, user_id: int) -> User | None:
        """Of a session; asked at every request, so whoever is kept out now is out at once."""
        found = User.objects.select_related("organisation").filter(pk=user_id, is_active=True).first()
        return None if found is None or is_kept_out(found) else found


def is_kept_out(person: User) -> bool:
    """People of the demonstration, whose password is printed, on a server that is not the demonstration's own."""
    return person.is_demonstration and not settings.DEMONSTRATION_SERVED


def client_address(request: HttpRequest) -> str | None:
    """The address of the client: the connection's own, or what the last of PROXY_COUNT proxies was asked from.

    X-Forwarded-For is asked where the connection comes from one of TRUSTED_PROXIES (or a unix socket) only, and of it only
    the entry that the outermost of these proxies added: what stands before it any client can write. None where there is
    no address (a server on a unix socket): PostgreSQL takes no empty text for one.
    """
    peer: str | None = request.META.get("REMOTE_ADDR") or None
    if settings.PROXY_COUNT and (peer is None or peer in settings.TRUSTED_PROXIES):
        address, _is_routable = get_client_ip(
            request,
            proxy_count=settings.PROXY_COUNT - 1,  # the last is the connection itself, and not in the header
            request_header_order=["HTTP_X_FORWARDED_FOR"],
            strict=False,
        )
        return address or peer
    return peer
