"""What an administrator of one side proposes about an account of the other, whose own administrators confirm it."""

from typing import assert_never

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.models.codes import paired
from iconm_portal.models.people import User
from iconm_portal.values.constraints import known
from iconm_portal.values.enum_field import EnumField


class ResetKind(models.TextChoices):
    PASSWORD = "password", _("Temporary password")
    SECOND_FACTOR = "second_factor", _("Without second factor")
    REACTIVATION = "reactivation", _("Reactivation")
    SIGN_ON = "sign_on", _("Link with a sign-on")

    @property
    def confirms(self) -> "str | Promise":
        """What the button says that lets it take effect."""
        match self:
            case ResetKind.PASSWORD:
                return _("Confirm: give a temporary password")
            case ResetKind.SECOND_FACTOR:
                return _("Confirm: take away the second factor")
            case ResetKind.REACTIVATION:
                return _("Confirm: reactivate the account")
            case ResetKind.SIGN_ON:
                return _("Confirm: link with this sign-on")
            case _:
                assert_never(self)


OPEN = Q(confirmed_at__isnull=True, declined_at__isnull=True)


class ResetProposal(models.Model):
    """One of these, of one account; it takes effect when it is confirmed."""

    person = models.ForeignKey(User, models.PROTECT, related_name="reset_proposals")
    kind = EnumField(ResetKind, _("Reset"))
    # Of a sign-on to be linked, as `SignOn` has them.
    issuer = models.CharField(_("Issuer"), max_length=200, blank=True)
    subject = models.CharField(_("Identifier at the issuer"), max_length=255, blank=True)
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("Proposed by"))
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            known("kind", ResetKind.values, "portal_resetproposal_kind_known"),
            paired("proposed", "portal_resetproposal_proposed_pair"),
            paired("confirmed", "portal_resetproposal_confirmed_pair"),
            paired("declined", "portal_resetproposal_declined_pair"),
            models.CheckConstraint(
                condition=Q(kind=ResetKind.SIGN_ON) & ~Q(issuer="") & ~Q(subject="")
                | ~Q(kind=ResetKind.SIGN_ON) & Q(issuer="", subject=""),
                name="portal_resetproposal_sign_on",
                violation_error_message=_("Issuer and identifier belong to a link with a sign-on."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(declined_at__isnull=True),
                name="portal_resetproposal_one_answer",
                violation_error_message=_("It is confirmed or declined, not both."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | ~Q(confirmed_by=F("proposed_by")) & ~Q(confirmed_by=F("person")),
                name="portal_resetproposal_two_people",
                violation_error_message=_("Somebody else confirms it."),
            ),
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=OPEN,
                name="portal_resetproposal_one_open",
                violation_error_message=_("It is proposed already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"


guards.declare(
    guards.Guard("resetproposal_kept", "portal.ResetProposal", ("DELETE",), "proposed resets are kept"),
    guards.Guard(
        "resetproposal_asks_the_same",
        "portal.ResetProposal",
        ("UPDATE",),
        "what was proposed stays as it was",
        columns=("person", "kind", "issuer", "subject", "proposed_at", "proposed_by"),
    ),
    guards.Guard(
        "resetproposal_answered_once",
        "portal.ResetProposal",
        ("UPDATE",),
        "a proposed reset is answered once",
        when="OLD.confirmed_at IS NOT NULL OR OLD.declined_at IS NOT NULL",
    ),
)
