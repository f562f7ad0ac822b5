"""`{% csrf_token %}` of the house: beside the token against forged requests, the key by which a form sent twice is known.

A template builtin (settings) in the place of Django's own tag. Django refuses a form that is posted without the token, so
that none can be without a key. Whoever is not logged in gets none: what they send (a login) makes nothing.
"""

import secrets
from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from iconm_portal.forms import unsent_input

register = template.Library()


class FormTokensNode(CsrfTokenNode):
    """The token, and a key that no other form has; of a form that was kept when a session ended, the key that it had."""

    def render(self, context: template.Context) -> SafeString:
        token, request = super().render(context), context.get("request")
        user: Any = getattr(request, "user", None)
        if not token or request is None or user is None or not user.is_authenticated:
            return format_html("{}", token)
        key = unsent_input.key_of_kept(request) or secrets.token_urlsafe(16)
        return format_html('{}<input type="hidden" name="{}" value="{}">', token, unsent_input.FORM_KEY, key)


@register.tag
def csrf_token(_parser: Parser, _token: Token) -> FormTokensNode:
    """Both hidden fields of a form that is posted."""
    return FormTokensNode()
