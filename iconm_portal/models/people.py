"""Organisations, centers, and the people of both."""

from datetime import date
from typing import ClassVar, assert_never

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.models.codes import RESERVED_CODES, CodeField, paired
from iconm_portal.values import closing_days
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.money import NegativeMark


class Organisation(models.Model):
    """団体: the city, the foundation."""

    code = CodeField(unique=True)
    name = models.CharField(_("Name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    # Whose administrators look after it until it is a party to a center; from then on those of both parties do.
    keeper = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="kept_organisations",
        verbose_name=_("Entered by the administrators of"),
    )

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
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class CenterQuerySet(models.QuerySet["Center"]):
    def of(self, organisation: Organisation) -> "CenterQuerySet":
        """The centers that the organisation supports or operates, with both parties, in order of position."""
        return self.filter(Q(supporter=organisation) | Q(operator=organisation)).select_related(
            "supporter", "operator"
        )

    def seen_by(self, user: "User") -> "CenterQuerySet":
        """The centers where the user has anything to see: their organisation's, and those that an auditor audits from
        outside."""
        own = Q(supporter=user.organisation_id) | Q(operator=user.organisation_id)
        if user.role == Role.AUDITOR:
            own |= Q(pk__in=user.audited_from_outside)
        return self.filter(own).select_related("supporter", "operator")


class Side(models.TextChoices):
    SUPPORTER = "supporter", _("Supporter (city)")
    OPERATOR = "operator", _("Operator (foundation)")

    @property
    def printed(self) -> str:
        """What agreements call it, in every language."""
        match self:
            case Side.SUPPORTER:
                return "甲"
            case Side.OPERATOR:
                return "乙"
            case _:
                assert_never(self)

    @property
    def other(self) -> "Side":
        """The other party of the agreements."""
        match self:
            case Side.SUPPORTER:
                return Side.OPERATOR
            case Side.OPERATOR:
                return Side.SUPPORTER
            case _:
                assert_never(self)


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
    auditors = models.ManyToManyField(
        Organisation, related_name="audited_centers", blank=True, verbose_name=_("Audited from outside by")
    )
    fictional = models.BooleanField(_("Fictional"), default=False)
    negative_mark = EnumField(
        NegativeMark,
        _("Mark of negative figures"),
        words={mark: mark.value for mark in NegativeMark},
        default=NegativeMark.BLACK,
    )
    closing_days = models.CharField(
        _("Closing days of the offices"), max_length=200, blank=True, default=closing_days.USUAL
    )
    opens_on = models.DateField(_("First day of the center"), null=True, blank=True)
    closes_on = models.DateField(_("Last day of the center"), null=True, blank=True)

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
            models.CheckConstraint(
                condition=Q(negative_mark__in=list(NegativeMark)),
                name="portal_center_negative_mark_known",
                violation_error_message=_("Choose one of the marks."),
            ),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True)
                | Q(closes_on__isnull=True)
                | Q(closes_on__gte=F("opens_on")),
                name="portal_center_closes_after_opening",
                violation_error_message=_("The last day is not before the first."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def history_key(self) -> str:
        return f"portal.center/{self.code}"

    def history_label(self) -> str:
        return self.name

    def is_closed(self, today: date) -> bool:
        """Whether its last day is over: it is read on, and reminded of no more."""
        return self.closes_on is not None and self.closes_on < today

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
    role = EnumField(Role, _("Role"), default=Role.VIEWER)
    is_active = models.BooleanField(_("Active"), default=True)
    must_change_password = models.BooleanField(_("Must set a password of their own"), default=False)
    # With a password that everybody can read: they get in where the demonstration itself serves (`make run`) and nowhere else.
    is_demonstration = models.BooleanField(_("Demonstration account"), default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

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

    @cached_property
    def audited_from_outside(self) -> frozenset[int]:
        """Keys of the centers that the user audits for an organisation that is no party; asked once of an object."""
        if self.role != Role.AUDITOR:
            return frozenset()
        return frozenset(
            Center.objects.filter(auditors=self.organisation_id).values_list("pk", flat=True).order_by("pk")
        )

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class OpenSession(models.Model):
    """A session that somebody signed in with, so that they see and end their own: from where, and with what.

    Its end is the end of Django's own row; this one only finds it, and goes at night.
    """

    session_key = models.CharField(max_length=40, unique=True)
    person = models.ForeignKey(User, models.PROTECT, related_name="open_sessions")
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-began_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.began_at}"


class SignOn(models.Model):
    """By which account of a provider of single sign-on a person signs in; an administrator links the two.

    Provider and account are what OpenID Connect calls issuer and subject: never an e-mail address, which moves from one
    person to another.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="sign_ons")
    issuer = models.CharField(_("Issuer"), max_length=200)
    subject = models.CharField(_("Identifier at the issuer"), max_length=255)
    linked_at = models.DateTimeField(default=timezone.now, editable=False)
    linked_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            paired("linked", "portal_signon_linked_pair"),
            models.CheckConstraint(
                condition=~Q(issuer="") & ~Q(subject=""),
                name="portal_signon_filled",
                violation_error_message=_("Issuer and identifier are both needed."),
            ),
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                name="portal_signon_one_person",
                violation_error_message=_("This sign-on is linked with an account already."),
            ),
            models.UniqueConstraint(
                fields=["person", "issuer"],
                name="portal_signon_one_each",
                violation_error_message=_("The account is linked with a sign-on of this provider already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.issuer}"


guards.declare(
    guards.Guard(
        "organisation_code",
        "portal.Organisation",
        ("UPDATE",),
        "codes never change, nor who entered an organisation",
        columns=("code", "keeper"),
    ),
    guards.Guard(
        "organisation_kept",
        "portal.Organisation",
        ("DELETE",),
        "organisations with people or a center are kept",
        "EXISTS (SELECT 1 FROM portal_user u WHERE u.organisation_id = OLD.id)"
        " OR EXISTS (SELECT 1 FROM portal_center c WHERE OLD.id IN (c.supporter_id, c.operator_id))",
    ),
    guards.Guard(
        "center_parties",
        "portal.Center",
        ("UPDATE",),
        "a center's code and its two parties never change",
        columns=("code", "supporter", "operator", "fictional"),
    ),
    # Whatever names a center keeps it by its foreign key; this keeps one of which all has gone again, but for what was
    # done to the center itself.
    guards.Guard(
        "center_kept",
        "portal.Center",
        ("DELETE",),
        "centers in which something was done are kept",
        "EXISTS (SELECT 1 FROM portal_historyevent h WHERE h.center = OLD.code"
        " AND substr(h.action, 1, 7) <> 'center.')",
    ),
    guards.Guard(
        "user_name", "portal.User", ("UPDATE",), "user names never change", columns=("username", "created_at")
    ),
    guards.Guard("user_kept", "portal.User", ("DELETE",), "people are deactivated, never deleted"),
    guards.Guard("signon_fixed", "portal.SignOn", ("UPDATE",), "a linked sign-on is ended, never changed"),
)
guards.declare_free(
    "a right, which administrators give and take; the history keeps both", "portal.Center_auditors"
)
guards.declare_free(
    "of Django's own, which the portal keeps nothing in", "auth.Group", "auth.Group_permissions"
)
guards.declare_free(
    "written by migrate alone, and read by Django", "auth.Permission", "contenttypes.ContentType"
)
guards.declare_free("ends with the login", "sessions.Session", "portal.OpenSession")
guards.declare_free(
    "a second factor, which its holder and administrators take away; history and audit keep that",
    "mfa.Authenticator",
)
guards.declare_free(
    "of allauth's own, which the portal keeps nothing in", "account.EmailAddress", "account.EmailConfirmation"
)
guards.declare_free(
    "failed logins, which open again by themselves",
    "axes.AccessAttempt",
    "axes.AccessAttemptExpiration",
    "axes.AccessFailureLog",
    "axes.AccessLog",
)
