"""What every page's frame needs: navigation, center, person."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from iconm_portal.access import Right, allowed, own_centers, permits, person
from iconm_portal.models import Center, User


@dataclass(frozen=True)
class NavigationEntry:
    label: str
    url: str
    current: bool


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Reads nothing for anonymous pages and error pages."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"nav": [], "center": None, "other_centers": []}
    center: Center | None = getattr(request, "center", None)
    organisation = user.organisation
    return {
        "nav": navigation(request, center),
        "center": center,
        "other_centers": [
            own for own in own_centers(request) if own != center and allowed(user, own, Right.SEE_SETTLED)
        ],
        "person_name": user.name,
        "person_organisation": (get_language() == "en" and organisation.name_en) or organisation.name,
    }


def navigation(request: HttpRequest, center: Center | None) -> list[NavigationEntry]:
    """The one navigation: an entry for each subject that works and that the person may see."""
    user = person(request)
    entries: list[tuple[str, str]] = []
    if center is not None and allowed(user, center, Right.SEE_SETTLED):
        at = {"center": center.code}
        entries = [
            (_("Home"), reverse("kpi:home", kwargs=at)),
            (_("KPI"), reverse("kpi:plans", kwargs=at)),
            (_("Reports"), reverse("kpi:reports", kwargs=at)),
            (_("Committee papers"), reverse("kpi:packs", kwargs=at)),
        ]
    elif center is None and permits(None, user.role, Right.ADMINISTER):
        entries = [(_("People"), reverse("people")), (_("History"), reverse("history"))]
    best = max((url for _label, url in entries if request.path.startswith(url)), key=len, default="")
    return [NavigationEntry(label, url, url == best) for label, url in entries]
