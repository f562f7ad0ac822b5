"""People, organisations, centers, history and files; and what every reviewed thing has in common."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal import guards

# First parts of addresses that are not centers.
RESERVED_CODES = (
    "admin api calendar health history i18n language login logout media packs password people static".split()
)

validate_code = RegexValidator(
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\Z",
    _("Use small letters, digits and single hyphens, beginning with a letter."),
)


def CodeField(**kwargs: Any) -> models.CharField:  # noqa: N802 - it stands where a field class stands
    """An immutable code that identifies something in addresses and sheets."""
    return models.CharField(_("Code"), max_length=40, validators=[validate_code], **kwargs)


def paired(field: str, name: str) -> models.CheckConstraint:
    """`<field>_at` and `<field>_by` are both there or both missing."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}_at__isnull": True, f"{field}_by__isnull": True})
        | Q(**{f"{field}_at__isnull": False, f"{field}_by__isnull": False}),
        name=name,
        violation_error_message=_("A time and its person are recorded together."),
    )


class Organisation(models.Model):
    """団体: the city, the foundation."""

    code = CodeField(unique=True)
    name = models.CharField(_("Name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def history_key(self) -> str:
        return f"portal.organisation/{self.code}"

    def history_label(self) -> str:
        return self.name


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    STAFF = "staff", _("Staff")
    ADMINISTRATOR = "administrator", _("Administrator")


class CenterQuerySet(models.QuerySet["Center"]):
    def of(self, organisation: Organisation) -> "CenterQuerySet":
        """The centers that the organisation supports or operates, with both parties, in order of position."""
        return self.filter(Q(supporter=organisation) | Q(operator=organisation)).select_related(
            "supporter", "operator"
        )


class Side(models.TextChoices):
    SUPPORTER = "supporter", _("Supporter (city)")
    OPERATOR = "operator", _("Operator (foundation)")


class Center(models.Model):
    """センター: what is run. Its supporter is 甲 (the city), its operator 乙 (the foundation)."""

    code = CodeField(unique=True)
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    name = models.CharField(_("Name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    short_name = models.CharField(_("Short name"), max_length=60)
    supporter = models.ForeignKey(
        Organisation, models.PROTECT, related_name="supported_centers", verbose_name=_("Supporter (city)")
    )
    operator = models.ForeignKey(
        Organisation, models.PROTECT, related_name="operated_centers", verbose_name=_("Operator (foundation)")
    )
    fictional = models.BooleanField(_("Fictional"), default=False)

    objects = CenterQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(supporter=F("operator")),
                name="portal_center_two_parties",
                violation_error_message=_("The supporter and the operator are two organisations."),
            ),
            models.CheckConstraint(
                condition=~Q(code__in=RESERVED_CODES),
                name="portal_center_code_not_reserved",
                violation_error_message=_("This code is reserved for an address of the portal."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def history_key(self) -> str:
        return f"portal.center/{self.code}"

    def history_label(self) -> str:
        return self.name

    def side_of(self, user: "User") -> Side | None:
        """The side on which the user's organisation stands here; None for a foreign center."""
        if user.organisation_id == self.supporter_id:
            return Side.SUPPORTER
        if user.organisation_id == self.operator_id:
            return Side.OPERATOR
        return None


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.select_related("organisation").get(username=username)


class User(AbstractBaseUser):
    """A person. Never deleted, only deactivated: history and reports keep pointing at them."""

    username = models.CharField(
        _("User name"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9._-]*\Z", _("Use small letters, digits, dots and hyphens."))
        ],
    )
    name = models.CharField(_("Name"), max_length=60)
    email = models.EmailField(_("E-mail"), blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("Organisation"))
    role = models.CharField(_("Role"), max_length=20, choices=Role, default=Role.VIEWER)
    is_active = models.BooleanField(_("Active"), default=True)
    must_change_password = models.BooleanField(_("Must set a password of their own"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["organisation__code", "username"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="portal_user_role_known",
                violation_error_message=_("Choose one of the roles."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def history_key(self) -> str:
        return f"portal.user/{self.username}"

    def history_label(self) -> str:
        return f"{self.name} ({self.username})"

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class HistoryEvent(models.Model):
    """One thing that someone did. Text rather than foreign keys: it stays readable whatever becomes of the rest."""

    at = models.DateTimeField(_("Time"), default=timezone.now)
    actor = models.CharField(_("User name"), max_length=60, blank=True)
    actor_name = models.CharField(_("Person"), max_length=60, blank=True)
    actor_organisation = models.CharField(_("Organisation"), max_length=40, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    action = models.CharField(_("Action"), max_length=60)
    center = models.CharField(_("Center"), max_length=40, blank=True)
    organisation = models.CharField(max_length=40, blank=True)  # whose affair it is where there is no center
    subject = models.CharField(_("Object"), max_length=200)
    subject_label = models.CharField(_("Object"), max_length=200)
    before = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    after = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    reason = models.TextField(_("Reason"), blank=True)
    consultation = models.CharField(_("Consultation"), max_length=80, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["center", "-at"], name="portal_history_by_center"),
            models.Index(fields=["subject", "-at"], name="portal_history_by_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(actor="") | ~Q(source=""),
                name="portal_history_someone_or_source",
                violation_error_message=_("Name the person who did it, or the source."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class StoredFile(models.Model):
    """A file as evidence. What it is called, how large, by whom; its bytes stand in `FileContent`."""

    center = models.ForeignKey(Center, models.PROTECT)
    name = models.CharField(_("File name"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [paired("uploaded", "portal_storedfile_uploaded_pair")]

    def __str__(self) -> str:
        return self.name


class FileContent(models.Model):
    """The bytes of a file, apart, so that listing files never reads them."""

    file = models.OneToOneField(StoredFile, models.PROTECT, primary_key=True, related_name="content")
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"content of {self.file_id}"


class ReviewState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")


EDITABLE_STATES = (ReviewState.DRAFT, ReviewState.RETURNED)
LOCKED_STATES = (ReviewState.SUBMITTED, ReviewState.IN_REVIEW, ReviewState.ACCEPTED)


class Reviewed(models.Model):
    """What one side hands in and the other accepts or returns. Its steps are in `review.py`.

    `version` is the lock against two people at once: every write names the version it saw and raises it by one.
    """

    state = models.CharField(_("State"), max_length=20, choices=ReviewState, default=ReviewState.DRAFT)
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
                condition=~Q(state__in=[ReviewState.SUBMITTED, ReviewState.IN_REVIEW])
                | Q(submitted_at__isnull=False),
                name="%(app_label)s_%(class)s_submitted_by_someone",
                violation_error_message=_("What is submitted says when and by whom."),
            ),
            paired("saved", "%(app_label)s_%(class)s_saved_pair"),
            paired("submitted", "%(app_label)s_%(class)s_submitted_pair"),
            paired("opened", "%(app_label)s_%(class)s_opened_pair"),
            paired("returned", "%(app_label)s_%(class)s_returned_pair"),
            paired("accepted", "%(app_label)s_%(class)s_accepted_pair"),
        ]

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE_STATES

    @property
    def is_settled(self) -> bool:
        return self.state == ReviewState.ACCEPTED

    @property
    def is_under_review(self) -> bool:
        return self.state in (ReviewState.SUBMITTED, ReviewState.IN_REVIEW)


class ProposalState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")


class Proposed(models.Model):
    """What is settled jointly: one side proposes, the other confirms. Its steps are in `joint.py`."""

    state = models.CharField(_("State"), max_length=20, choices=ProposalState, default=ProposalState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_side = models.CharField(max_length=20, choices=Side, blank=True)
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
    def is_confirmed(self) -> bool:
        return self.state == ProposalState.CONFIRMED


guards.declare(
    guards.Guard(
        "history",
        "portal.HistoryEvent",
        ("UPDATE", "DELETE"),
        "history is append-only",
    ),
    guards.Guard("file", "portal.StoredFile", ("UPDATE", "DELETE"), "files are append-only"),
    guards.Guard("file_content", "portal.FileContent", ("UPDATE", "DELETE"), "files are append-only"),
)
