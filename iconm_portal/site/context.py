"""What every page's frame needs: navigation, center, person."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed, own_centers, permits, permits_somewhere, person
from iconm_portal.values import clock


@dataclass(frozen=True)
class NavigationEntry:
    label: str
    url: str
    current: bool


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Reads nothing for anonymous pages and error pages."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"nav": [], "subnav": [], "center": None, "other_centers": []}
    center: Center | None = getattr(request, "center", None)
    organisation = user.organisation
    main, parts = navigation(request, center)
    return {
        "nav": main,
        "subnav": parts,
        "center": center,
        "may_prepare": center is not None and allowed(user, center, Right.PREPARE),
        "center_is_closed": center is not None and center.is_closed(clock.today()),
        "other_centers": [
            own for own in own_centers(request) if own != center and allowed(user, own, Right.SEE_SETTLED)
        ],
        "person_name": user.name,
        "person_organisation": (get_language() == "en" and organisation.name_en) or organisation.name,
    }


def navigation(
    request: HttpRequest, center: Center | None
) -> tuple[list[NavigationEntry], list[NavigationEntry]]:
    """The one navigation: a subject for each that works and that the person may see, and the parts of the current one."""
    user = person(request)
    subjects: list[list[tuple[str, str]]] = []
    if center is not None and allowed(user, center, Right.SEE_SETTLED):
        subjects += _subjects(center, imports_money=allowed(user, center, Right.KEEP))
    if permits(None, user.role, Right.ADMINISTER):
        subjects.append(
            [
                (_("People"), reverse("people")),
                (_("Auditors from outside"), reverse("auditors")),
                (_("Organisations"), reverse("organisations")),
                (_("Centers"), reverse("centers")),
                (_("First steps"), reverse("begin")),
            ]
        )
    if permits_somewhere(user.role, Right.SEE_HISTORY):
        subjects.append([(_("History"), reverse("history"))])
    if center is not None and allowed(user, center, Right.PREPARE):
        subjects.append(_master_data(center))
    everything = [url for parts in subjects for _label, url in parts]
    here = max((url for url in everything if request.path.startswith(url)), key=len, default="")
    main, parts_here = [], []
    # One is here: a part that two subjects share is shown as the first one's.
    at = next((parts for parts in subjects if here in [url for _label, url in parts]), None)
    for parts in subjects:
        label, url = parts[0]
        is_here = parts is at
        main.append(NavigationEntry(label, url, is_here))
        if is_here and len(parts) > 1:
            parts_here = [NavigationEntry(name, part_url, part_url == here) for name, part_url in parts]
    return main, parts_here


def _master_data(center: Center) -> list[tuple[str, str]]:
    """What both sides' staff prepare: the agreements and what hangs on them, accounts, categories, bases of values."""
    at = {"center": center.code}
    return [
        (_("Master data"), reverse("agreements:master", kwargs=at)),
        (_("Set-up"), reverse("kpi:preparation", kwargs=at)),
        (pgettext("money", "Accounts"), reverse("finance:accounts", kwargs=at)),
        (_("Categories of the register"), reverse("kpi:categories", kwargs=at)),
        (_("How activities are arranged"), reverse("kpi:arrangement", kwargs=at)),
        (_("What values are proposed from"), reverse("kpi:bases", kwargs=at)),
        (_("Set-up workbook"), reverse("kpi:set_ups", kwargs=at)),
    ]


def _subjects(center: Center, *, imports_money: bool) -> list[list[tuple[str, str]]]:
    """Each subject with its parts, the first of which stands for it. `imports_money`: one imports tables of the money."""

    def to(name: str) -> str:
        return reverse(name, kwargs={"center": center.code})

    return [
        [(_("Home"), to("kpi:home"))],
        [
            (_("KPI"), to("kpi:plans")),
            (_("Initiatives"), to("kpi:initiatives")),
            (_("Next plan"), to("kpi:next_plan")),
            (_("Official texts"), to("kpi:official_texts")),
        ],
        [(_("Reports"), to("kpi:reports"))],
        [
            (_("Register"), to("kpi:records")),
            (_("What values are proposed from"), to("kpi:bases")),
        ],
        [
            (_("Agreements"), to("agreements:agreements")),
            (_("What is due"), to("agreements:calendar")),
            (_("Consultations"), to("agreements:consultations")),
            (_("Support measures"), to("agreements:support")),
            (_("Free use of land"), to("agreements:land")),
            (_("Verifications"), to("agreements:verifications")),
            (_("Articles and what came of them"), to("kpi:traceability")),
            (_("Search the provisions"), to("agreements:provision_search")),
            (_("Chronology"), to("agreements:chronology")),
        ],
        [
            (pgettext("navigation", "Money"), to("kpi:balance")),
            (_("Statements"), to("finance:statements")),
            (_("Ledger"), to("finance:ledger")),
            (_("Contributions"), to("finance:contributions")),
            *([(_("Imports"), to("finance:imports"))] if imports_money else []),
        ],
        [(_("Committee papers"), to("kpi:packs")), (_("Data for machines"), to("kpi:data"))],
    ]
