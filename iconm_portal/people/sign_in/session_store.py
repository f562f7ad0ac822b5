"""Sessions in the database, as Django keeps them (SESSION_ENGINE)."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError

from iconm_portal.values.faults import fault_of


class SessionStore(db.SessionStore):
    """Django takes every failure to write for a session that was ended meanwhile; a database that is busy or away is not."""

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError as ended:
            if ended.__context__ is not None and fault_of(ended.__context__):
                raise ended.__context__ from None
            raise
