"""What everything that is reviewed, and everything that is settled jointly, has in common."""

from datetime import datetime
from typing import assert_never

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal.models.codes import paired
from iconm_portal.models.people import Side, User
from iconm_portal.values.enum_field import EnumField


class ReviewState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")

    @property
    def is_editable(self) -> bool:
        """Whether it lies with whoever writes it."""
        match self:
            case ReviewState.DRAFT | ReviewState.RETURNED:
                return True
            case ReviewState.SUBMITTED | ReviewState.IN_REVIEW | ReviewState.ACCEPTED:
                return False
            case _:
                assert_never(self)

    @property
    def is_under_review(self) -> bool:
        """Whether it lies with whoever answers it."""
        match self:
            case ReviewState.SUBMITTED | ReviewState.IN_REVIEW:
                return True
            case ReviewState.DRAFT | ReviewState.RETURNED | ReviewState.ACCEPTED:
                return False
            case _:
                assert_never(self)


EDITABLE_STATES = tuple(state for state in ReviewState if state.is_editable)
LOCKED_STATES = tuple(state for state in ReviewState if not state.is_editable)
UNDER_REVIEW = tuple(state for state in ReviewState if state.is_under_review)


class Reviewed(models.Model):
    """What one side hands in and the other accepts or returns. Its steps are in `settlement/review.py`.

    `version` is the lock against two people at once: every write names the version it saw and raises it by one.
    """

    state = EnumField(ReviewState, _("State"), default=ReviewState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    known_from = models.DateField(_("Known from"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    # Each side may record its own internal decision (決裁日, 決裁者の職).
    submission_decided_on = models.DateField(_("Internal decision on"), null=True, blank=True)
    submission_decided_post = models.CharField(_("Decided by (post)"), max_length=60, blank=True)
    acceptance_decided_on = models.DateField(_("Internal decision on"), null=True, blank=True)
    acceptance_decided_post = models.CharField(_("Decided by (post)"), max_length=60, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ReviewState.values),
                name="%(app_label)s_%(class)s_state_known",
                violation_error_message=_("The state is not one of a review."),
            ),
            models.CheckConstraint(
                condition=Q(submitted_by__isnull=True)
                | Q(accepted_by__isnull=True)
                | ~Q(submitted_by=F("accepted_by")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Whoever submitted it cannot accept it."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ReviewState.ACCEPTED)
                | Q(known_from__isnull=False, accepted_by__isnull=False)
                | (Q(known_from__isnull=False) & ~Q(source="")),
                name="%(app_label)s_%(class)s_accepted_is_known",
                violation_error_message=_(
                    "What is accepted says since when and by whom, or from which source."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=list(UNDER_REVIEW)) | Q(submitted_at__isnull=False),
                name="%(app_label)s_%(class)s_submitted_by_someone",
                violation_error_message=_("What is submitted says when and by whom."),
            ),
            paired("saved", "%(app_label)s_%(class)s_saved_pair"),
            paired("submitted", "%(app_label)s_%(class)s_submitted_pair"),
            paired("opened", "%(app_label)s_%(class)s_opened_pair"),
            paired("returned", "%(app_label)s_%(class)s_returned_pair"),
            paired("accepted", "%(app_label)s_%(class)s_accepted_pair"),
        ]

    def history_key(self) -> str:
        """By which natural codes the history knows it; each kind says its own."""
        raise NotImplementedError

    @property
    def settled_in(self) -> str:
        """The key of the consultation that settles it, for its history; empty where there is none."""
        return ""

    @property
    def is_editable(self) -> bool:
        return self.state.is_editable

    @property
    def is_settled(self) -> bool:
        return self.state == ReviewState.ACCEPTED

    @property
    def is_under_review(self) -> bool:
        return self.state.is_under_review

    @property
    def last_moved(self) -> tuple[User | None, datetime | None]:
        """Who saved the draft last, and when; once it is handed in, who did that (or accepted what has no sender)."""
        if self.is_editable:
            return self.saved_by, self.saved_at
        return self.submitted_by or self.accepted_by, self.submitted_at or self.accepted_at


class ProposalState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")

    @property
    def is_open(self) -> bool:
        """Whether it lies with the side that writes it."""
        match self:
            case ProposalState.DRAFT | ProposalState.DECLINED:
                return True
            case ProposalState.PROPOSED | ProposalState.CONFIRMED:
                return False
            case _:
                assert_never(self)


class Proposed(models.Model):
    """What is settled jointly: one side proposes, the other confirms. Its steps are in `settlement/proposal_workflow.py`."""

    state = EnumField(ProposalState, _("State"), default=ProposalState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_side = EnumField(Side, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decline_reason = models.TextField(_("Reason"), blank=True)
    known_from = models.DateField(_("Known from"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values),
                name="%(app_label)s_%(class)s_state_known",
                violation_error_message=_("The state is not one of a proposal."),
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True)
                | Q(confirmed_by__isnull=True)
                | ~Q(proposed_by=F("confirmed_by")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Whoever proposed it cannot confirm it."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.CONFIRMED)
                | Q(known_from__isnull=False, confirmed_by__isnull=False)
                | (Q(known_from__isnull=False) & ~Q(source="")),
                name="%(app_label)s_%(class)s_confirmed_is_known",
                violation_error_message=_(
                    "What is confirmed says since when and by whom, or from which source."
                ),
            ),
            models.CheckConstraint(
                condition=Q(proposed_side__in=[*Side.values, ""]),
                name="%(app_label)s_%(class)s_side_known",
                violation_error_message=_("The proposal comes from one of the two sides."),
            ),
            paired("proposed", "%(app_label)s_%(class)s_proposed_pair"),
            paired("confirmed", "%(app_label)s_%(class)s_confirmed_pair"),
            paired("declined", "%(app_label)s_%(class)s_declined_pair"),
        ]

    @property
    def settled_in(self) -> str:
        """The key of the consultation that settles it, for its history; empty where there is none."""
        return ""

    @property
    def is_confirmed(self) -> bool:
        return self.state == ProposalState.CONFIRMED
