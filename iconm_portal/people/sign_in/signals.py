"""Who hears when somebody signs in, fails to, or signs out."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from iconm_portal.forms import unsent_input
from iconm_portal.people.sign_in import audit, own_sessions, sessions, signed_on


def connect_signals() -> None:
    """Once, when the ground starts; the same again changes nothing."""
    user_logged_in.connect(unsent_input.carry_over, dispatch_uid="portal.unsent_input")
    user_logged_in.connect(signed_on.keep, dispatch_uid="portal.signed_on")
    user_logged_in.connect(sessions.begin, dispatch_uid="portal.sessions")
    user_logged_in.connect(own_sessions.note, dispatch_uid="portal.own_sessions")
    user_logged_in.connect(audit.signed_in, dispatch_uid="portal.audit")
    user_logged_out.connect(audit.signed_out, dispatch_uid="portal.audit")
    user_login_failed.connect(audit.failed, dispatch_uid="portal.audit")
    user_locked_out.connect(audit.paused, dispatch_uid="portal.audit")
