"""利用記録: who came in and failed to, who took personal data away, whose rights changed, what the virus scanner said.

Apart from the history of centers.
"""

from typing import assert_never

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.values.constraints import known
from iconm_portal.values.enum_field import EnumField


class AuditKind(models.TextChoices):
    SIGNED_IN = "signed_in", _("Signed in")
    FAILED = "failed", _("Wrong password")
    WRONG_CODE = "wrong_code", _("Wrong second factor")
    CODE_USED = "code_used", _("Used a recovery code")
    DEMONSTRATION = "demonstration", _("Demonstration account refused")
    SIGN_ON_REFUSED = "sign_on_refused", _("Single sign-on refused")
    PAUSED = "paused", _("Login paused")
    SIGNED_OUT = "signed_out", _("Signed out")
    SESSION_ENDED = "session_ended", _("Session ended by itself")
    SESSION_CLOSED = "session_closed", _("Ended a session from another one")
    RESET_ASKED = "reset_asked", _("Asked for a new password by mail")
    TAKEN_AWAY = "taken_away", _("Took personal data away")
    RIGHTS = "rights", _("Accounts and rights")
    INFECTED = "infected", _("Sent an infected file")
    NOT_SCANNED = "not_scanned", _("No answer of the virus scanner")

    @property
    def is_a_try(self) -> bool:
        """Whether a stranger can cause it."""
        match self:
            case (
                AuditKind.FAILED
                | AuditKind.WRONG_CODE
                | AuditKind.DEMONSTRATION
                | AuditKind.SIGN_ON_REFUSED
                | AuditKind.PAUSED
                | AuditKind.RESET_ASKED
            ):
                return True
            case (
                AuditKind.SIGNED_IN
                | AuditKind.CODE_USED
                | AuditKind.SIGNED_OUT
                | AuditKind.SESSION_ENDED
                | AuditKind.SESSION_CLOSED
                | AuditKind.TAKEN_AWAY
                | AuditKind.RIGHTS
                | AuditKind.INFECTED
                | AuditKind.NOT_SCANNED
            ):
                return False
            case _:
                assert_never(self)


class AuditEvent(models.Model):
    """One such event. Text rather than foreign keys, as in the history.

    `username` is empty where nobody has the name that was typed: what is typed there by mistake may be a password.
    """

    at = models.DateTimeField(_("Time"), default=timezone.now)
    kind = EnumField(AuditKind, _("Event"))
    username = models.CharField(_("User name"), max_length=60, blank=True)
    name = models.CharField(_("Person"), max_length=60, blank=True)
    organisation = models.CharField(_("Organisation"), max_length=40, blank=True)
    address = models.GenericIPAddressField(_("Connected from"), null=True, blank=True)
    browser = models.CharField(_("Browser"), max_length=200, blank=True)
    what = models.CharField(_("About"), max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [known("kind", AuditKind.values, "portal_audit_kind_known")]
        indexes = [
            models.Index(fields=["organisation", "-at"], name="portal_audit_by_organisation"),
            models.Index(fields=["kind", "-at"], name="portal_audit_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.username}"


guards.declare(guards.append_only("portal.AuditEvent"))
