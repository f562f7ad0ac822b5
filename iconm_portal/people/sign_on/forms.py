"""What an administrator types to link a person with a sign-on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from iconm_portal.people.sign_on.offered import providers


class LinkForm(forms.Form):
    """The provider, and what identifies the person there."""

    issuer = forms.ChoiceField(label=_("Sign-on by"))
    subject = forms.CharField(
        label=_("Identifier at the issuer"),
        max_length=255,
        help_text=_(
            "The page that refuses an account that is not linked yet shows it to its holder. Have it from them in person:"
            " whoever has that account at the provider gets into this one."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issuer"].choices = [(one.issuer, one.name) for one in providers().values()]  # type: ignore[attr-defined]
