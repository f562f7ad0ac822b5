"""What people type about their second factor."""

import json
from typing import Any

from allauth.mfa.totp.internal.auth import generate_totp_secret
from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from iconm_portal.models import User
from iconm_portal.people.second_factor import codes, passkeys

_SALT = "iconm_portal.people.second_factor.offered"
OFFERED_SECONDS = 30 * 60


class CodeField(forms.CharField):
    """A code of digits, from a telephone's screen or from paper."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attributes), **kwargs)


class CodeForm(forms.Form):
    """The second step of a login."""

    code = CodeField(
        label=_("Code"),
        help_text=_("Six digits from the authenticator app, or one of your recovery codes of eight digits."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


class SetUpAppForm(forms.Form):
    """A secret that is offered to an authenticator app, and the code by which the app shows that it has it.

    The secret goes with the page, signed for the person, so that to look at the page writes nothing.
    """

    code = CodeField(label=_("Code that the app shows"), help_text=_("Six digits."))
    offered = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.secret = self._offered_before() or generate_totp_secret()
        self.initial["offered"] = signing.dumps(self.secret, salt=self._salt())

    def clean_offered(self) -> str:
        if not self._offered_before():
            raise forms.ValidationError(_("This page was open for too long. Load it again."), code="too_old")
        return self.secret

    def clean_code(self) -> str:
        return codes.as_code(self.cleaned_data["code"])

    def _offered_before(self) -> str | None:
        """The secret that came with the form; None on a fresh page, and for one that is not of this person's page."""
        try:
            return str(
                signing.loads(self.data.get("offered", ""), salt=self._salt(), max_age=OFFERED_SECONDS)
            )
        except signing.BadSignature:
            return None

    def _salt(self) -> str:
        return f"{_SALT}.{self.person.pk}"


class PasskeyField(forms.Field):
    """What a browser says about a passkey, as JSON; a script puts it in. It is good once, so it is never shown again."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> dict[str, Any]:
        try:
            found = json.loads(str(value or "")[: passkeys.LONGEST_ANSWER])
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise forms.ValidationError(_("The passkey was not recognised."), code="no_answer")
        return found

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""


class UsePasskeyForm(forms.Form):
    """The second step of a login, by passkey."""

    credential = PasskeyField()


class NewPasskeyForm(forms.Form):
    """A passkey and what its holder calls it."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Such as the device on which it is kept.")
    )
    credential = PasskeyField()

    def clean_credential(self) -> dict[str, Any]:
        credential: dict[str, Any] = self.cleaned_data["credential"]
        if not passkeys.is_registered(credential):
            raise forms.ValidationError(_("The passkey was not recognised."), code="wrong")
        return credential
