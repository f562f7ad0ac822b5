"""What people type about people: names, roles, passwords."""

from typing import Any, cast

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth import forms as auth_forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.edited import VersionedForm
from iconm_portal.models import AuditKind, Organisation, Role, User
from iconm_portal.people import account_actions
from iconm_portal.people.auth import is_kept_out
from iconm_portal.people.sign_in import audit
from iconm_portal.values.text import normalised


class UserNameField(forms.CharField):
    """A user name however it was typed: ＴＡＮＡＫＡ is tanaka."""

    def to_python(self, value: Any) -> str:
        return normalised(super().to_python(value) or "").lower()

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"autocapitalize": "none", "spellcheck": "false"}


class MailField(forms.EmailField):
    """An address that may have been typed in full width."""

    def to_python(self, value: Any) -> str:
        return normalised(super().to_python(value) or "")


class PersonForm(forms.ModelForm):
    """A person, as an administrator enters them. `organisations` are those that they administer."""

    class Meta:
        model = User
        fields = ["username", "name", "email", "organisation", "role"]
        field_classes = {"username": UserNameField, "email": MailField}
        widgets = {"role": forms.RadioSelect}
        help_texts = {
            "username": _("Small letters, digits, dots and hyphens. It cannot be changed later."),
            "email": _("Passwords can be reset by mail only where there is an address."),
            "role": _(
                "Viewers see what is settled. Staff prepare, hand in, review and settle for their side, and keep the"
                " master data. Auditors see what is settled and the whole history, and change nothing."
                " Administrators keep people and organisations and see no figures."
            ),
        }
        error_messages = {"username": {"unique": _("This user name is taken.")}}

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = cast(forms.ModelChoiceField, self.fields["organisation"])
        organisation.queryset = organisations
        organisation.empty_label = None if organisations.count() == 1 else _("Choose one")
        # Radio buttons without Django's empty choice: the field has a default.
        cast(forms.ChoiceField, self.fields["role"]).choices = Role.choices


class NewPersonForm(PersonForm):
    """A person who is entered, and how they come to a password; the question is there where mails go out."""

    invites = forms.ChoiceField(
        label=_("Password"),
        choices=[
            ("", _("The next page shows a temporary password, once")),
            ("mail", _("A link goes out by mail, by which the person chooses a password")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, mails_go_out: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not mails_go_out:
            del self.fields["invites"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("invites") and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("The link needs an address to which it goes."))
        return cleaned


class ChangePersonForm(VersionedForm, PersonForm):
    """A person who exists: the user name stays, and nobody moves or promotes themselves.

    `is_kept_elsewhere`: by administrators of their own organisation, who alone change what opens the account.
    """

    class Meta(PersonForm.Meta):
        fields = ["name", "email", "organisation", "role"]

    def __init__(
        self, *args: Any, instance: User, is_self: bool, is_kept_elsewhere: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, instance=instance, initial={"version": instance.version}, **kwargs)
        if is_kept_elsewhere:
            for name in ("email", "organisation", "role"):
                self.fields[name].disabled = True
            self.fields["role"].help_text = _(
                "Address, organisation and role are changed by the administrators of the person's own organisation."
            )
        if is_self:
            for name in ("organisation", "role"):
                self.fields[name].disabled = True
            self.fields["role"].help_text = _(
                "Your own organisation and role are changed by another administrator."
            )


class DeactivateForm(forms.Form):
    """Why an account is closed, for the history."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class LoginForm(auth_forms.AuthenticationForm):
    """Django's own, with the user name read as people type it."""

    username = UserNameField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    error_messages = {
        "invalid_login": _(
            "The user name or the password is not right. Capital letters matter in the password."
        ),
        "inactive": _("This account is not active."),
        "demonstration": _(
            "This account belongs to the demonstration, and everybody can read its password. It works where `make run`"
            " serves the portal, and not here."
        ),
    }

    def confirm_login_allowed(self, user: User) -> None:
        """Asked once the password was right; what is refused here is no wrong password."""
        super().confirm_login_allowed(user)
        if is_kept_out(user):
            audit.note(AuditKind.DEMONSTRATION, person=user, request=self.request)
            raise forms.ValidationError(self.error_messages["demonstration"], code="demonstration")


class ConfirmForm(forms.Form):
    """The present password, of somebody who is signed in. Wrong ones count as at the login, by the same limits."""

    password = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        username = self.request.user.get_username()
        if authenticate(self.request, username=username, password=password) is None:
            raise forms.ValidationError(_("The password is not right."), code="wrong_password")
        return password


class ChosenPassword(auth_forms.SetPasswordMixin):
    """What is wrong with a password stands where it was chosen; beside its repetition only that the two differ."""

    def validate_password_for_user(self, user: User, password_field_name: str = "") -> None:
        super().validate_password_for_user(user, "new_password1")


class OwnPasswordForm(ChosenPassword, auth_forms.PasswordChangeForm):
    """A new password of one's own, after the present one; written through the action."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _explain(self)

    def clean_new_password1(self) -> str:
        chosen: str = self.cleaned_data["new_password1"]
        if chosen == self.cleaned_data.get("old_password"):
            raise forms.ValidationError(_("Choose another password than the present one."), code="unchanged")
        return chosen

    def save(self, commit: bool = True) -> User:
        return _chosen(self)


class NewPasswordForm(ChosenPassword, auth_forms.SetPasswordForm):
    """A new password of one's own, by a mailed link; written through the action."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _explain(self)

    def save(self, commit: bool = True) -> User:
        return _chosen(self)


class MailedResetForm(auth_forms.PasswordResetForm):
    """Asks for the address to which the link goes."""

    email = MailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


def _explain(form: auth_forms.SetPasswordForm) -> None:
    """The rules of the settings' validators in a sentence, where Django writes a list into the hint's paragraph."""
    form.fields["new_password1"].help_text = _(
        "At least 12 characters. Best are several words that have nothing to do with each other; names of people,"
        " places and the portal, dates and repeats are not worth anything."
    )


def _chosen(form: auth_forms.SetPasswordForm) -> User:
    return account_actions.choose_password(
        person=form.user, password=form.cleaned_data["new_password1"], by=form.user
    )
