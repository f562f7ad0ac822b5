"""設立・経緯 (T6): what happened, as precisely dated as the report gives it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agreements.instruments import reported_facts, texts
from agreements.instruments.addresses import crumbs
from agreements.instruments.sources import in_words
from agreements.models import ChronologyEntry
from iconm_portal.display.template_tags import span
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view


@center_view(Right.SEE_SETTLED)
@require_safe
def chronology(request: HttpRequest, center: Center) -> HttpResponse:
    """The center's history from its founding on."""
    entries = list(ChronologyEntry.objects.filter(center=center).select_related("agreement"))
    context = {
        "entries": [(entry, texts.partial(entry.happened_on)) for entry in entries],
        "period": span(*(texts.partial(entry.happened_on) for entry in (entries[0], entries[-1])))
        if entries
        else "",
        "sources": sorted({in_words(entry.source) for entry in entries if entry.source}),
        "reported": reported_facts.of_center(center),
        "crumbs": crumbs(center),
    }
    return render(request, "agreements/pages/chronology/chronology.html", context)
