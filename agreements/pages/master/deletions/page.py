"""The page that asks before a row of the master data goes: what goes with it, or why it stays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from iconm_portal.forms.refusals import Refused, kept_text, refusal_text
from iconm_portal.site.crumbs import Crumb


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be deleted, and with what."""

    heading: str
    name: str
    seen: str  # the fingerprint of what the page shows
    why_kept: str  # empty where it can go
    back: str  # where it is shown
    crumbs: Sequence[Crumb]
    goes_with: Sequence[str] = ()


def deletion_page(
    request: HttpRequest, ask: Callable[[], Asked], delete: Callable[[str], HttpResponse]
) -> HttpResponse:
    """`delete`: the action with what was seen, and where to go on; what it refuses stands above the question (409)."""
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return delete(request.POST.get("seen", ""))
        except Refused as error:
            refusal, status = refusal_text(error, ""), 409
        except DatabaseError as error:
            if (kept := kept_text(error)) is None:
                raise
            refusal, status = kept, 409
    asked = ask()
    context = {"asked": asked, "crumbs": asked.crumbs, "refusal": refusal}
    return render(request, "agreements/pages/master/delete.html", context, status=status)
