"""What a value can be taken from or counted in, for a choice and in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.models import Account
from finance.models.accounts import IN_STATEMENT
from iconm_portal.models import Center
from kpi.models import Category, Measured
from kpi.value_sources.actions import NONE, Choice

Options = list[tuple[str, Any]]


def options(center: Center) -> Options:
    """Nothing, the accounts of statements, and for each category what can be counted of it. Two queries."""
    accounts = Account.objects.filter(center=center, side__in=IN_STATEMENT)
    categories = Category.objects.filter(center=center)
    return [
        (NONE.key, pgettext("basis", "nothing: it is reported without a proposal")),
        (_("Settlement of the account"), [(Choice(account=one.code).key, one.name) for one in accounts]),
        (
            _("Register"),
            [
                (Choice(category=one.code, measured=how).key, f"{one.name}（{label}）")
                for one in categories
                for how, label in Measured.choices
            ],
        ),
    ]


def in_words(center: Center) -> dict[str, str]:
    """Every choice but none, by its key: 決算の科目: 研究費収入. Two queries."""
    _nothing, *groups = options(center)
    return {
        key: _("%(kind)s: %(name)s") % {"kind": kind, "name": name} for kind, of in groups for key, name in of
    }
