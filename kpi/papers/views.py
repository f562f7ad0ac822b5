"""Committee packs: prepared, previewed, frozen, opened again years later, compared."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from iconm_portal.forms import files
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.refusals import Refused, refusal_text
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.values import clock
from kpi.models import Pack, PackState
from kpi.papers import actions, contents, data, pack_page, workbook
from kpi.papers.contents import NothingKnownError
from kpi.papers.forms import PackForm, initial_for, initial_of

# -- Preparing --


@center_view(Right.REVIEW)
def new(request: HttpRequest, center: Center) -> HttpResponse:
    """Begin a pack, like the last one at first."""
    today = clock.today()

    def save(form: PackForm) -> HttpResponse:
        pack = actions.start(
            center=center, particulars=form.particulars(), by=person(request), at=clock.now()
        )
        messages.success(
            request, _("The pack is begun. Look at it below; freeze it when it is as it shall stay.")
        )
        return redirect("kpi:pack", center=center.code, number=pack.number)

    last = Pack.objects.filter(center=center).first()
    return form_page(
        request,
        "kpi/papers/form.html",
        form=lambda data, _files: PackForm(data, initial=initial_for(center, last, today=today), today=today),
        save=save,
        context=lambda _form: {},
    )


@center_view(Right.REVIEW)
def edit(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Change what the pack says and shows."""
    pack, today = _found(request, center, number), clock.today()

    def save(form: PackForm) -> HttpResponse:
        actions.save(
            pack=pack,
            version=form.cleaned_data["version"],
            particulars=form.particulars(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The pack was saved."))
        return redirect("kpi:pack", center=center.code, number=number)

    return form_page(
        request,
        "kpi/papers/form.html",
        form=lambda data, _files: PackForm(
            data, initial=initial_of(_found(request, center, number)), today=today
        ),
        save=save,
        context=lambda _form: {"pack": pack},
        state=lambda _form: _found(request, center, number).get_state_display(),
    )


# -- Looking --


@center_view(Right.SEE_SETTLED)
@require_safe
def pack(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """The pack as it prints: a frozen one as it was, another one as it would be now."""
    return _page(request, center, _found(request, center, number))


def _page(
    request: HttpRequest, center: Center, pack: Pack, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "pack": pack,
        "sheets": _sheets(pack),
        "particulars": pack_page.particulars(pack),
        "crumbs": pack_page.crumbs(center),
        "can_make": allowed(person(request), center, Right.REVIEW),
        "refusal": refusal,
    }
    return render(request, "kpi/papers/pack.html", context, status=status)


def _sheets(pack: Pack) -> pack_page.Sheets | None:
    """What it prints; None where nothing was known on its day."""
    if pack.is_frozen:
        return pack_page.Sheets(_kept(pack).sheets)
    try:
        return pack_page.Sheets(_made(pack).shown)
    except NothingKnownError:
        return None


@center_view(Right.SEE_SETTLED)
@require_safe
def workbook_file(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """The workbook: of a frozen pack the very bytes, of another one as it would be now."""
    pack = _found(request, center, number)
    if pack.workbook is not None:
        return files.download(pack.workbook)
    try:
        made = _made(pack)
    except NothingKnownError:
        return _page(request, center, pack, status=404)
    return files.made(made.to_bytes(), made.file_name)


@center_view(Right.SEE_SETTLED)
@require_safe
def data_file(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """The data that a frozen pack keeps, as JSON."""
    pack = _found(request, center, number)
    if pack.data is None:
        raise Http404(number)
    return files.download(pack.data)


@center_view(Right.SEE_SETTLED)
@require_safe
def differences(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """A frozen pack beside another one, or beside what is known today."""
    pack = _found(request, center, number)
    if not pack.is_frozen:
        raise Http404(number)
    others = pack_page.visible(person(request), center).filter(state=PackState.FROZEN).exclude(pk=pack.pk)
    choice = pack_page.OtherForm(request.GET, others=others)
    other = choice.chosen
    now = Pack(
        center=center,
        title=pack.title,
        fiscal_year=pack.fiscal_year,
        as_of=clock.today(),
        sections=pack.sections,
    )
    after = _kept(other).tables if other is not None else _made(now).tables
    context = pack_page.differences(pack, other, _kept(pack).tables, after, today=clock.today())
    context |= {"pack": pack, "choice": choice, "crumbs": pack_page.crumbs(center, pack)}
    return render(request, "kpi/papers/differences.html", context)


# -- Steps --


@center_view(Right.REVIEW)
@require_POST
def freeze(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Keep it as it is, for good."""
    pack = _found(request, center, number)
    try:
        actions.freeze(pack=pack, version=seen_version(request), by=person(request), at=clock.now())
    except NothingKnownError:
        return _page(request, center, pack, status=400)
    except Refused as error:
        refusal = refusal_text(error, pack.get_state_display())
        return _page(request, center, pack, refusal=refusal, status=409)
    messages.success(request, _("The pack is frozen. It gives the same file from now on, whatever happens."))
    return redirect("kpi:pack", center=center.code, number=number)


@center_view(Right.REVIEW)
@require_POST
def discard(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Throw away a pack that is not frozen."""
    pack = _found(request, center, number)
    try:
        actions.discard(pack=pack, version=seen_version(request), by=person(request), at=clock.now())
    except Refused as error:
        refusal = refusal_text(error, pack.get_state_display())
        return _page(request, center, pack, refusal=refusal, status=409)
    messages.success(request, _("The pack was discarded."))
    return redirect("kpi:packs", center=center.code)


# -- Finding --


def _found(request: HttpRequest, center: Center, number: int) -> Pack:
    return get_object_or_404(pack_page.visible(person(request), center), number=number)


def _made(pack: Pack) -> workbook.Made:
    return workbook.make(pack, contents.read(pack.center, year=pack.fiscal_year, as_of=pack.as_of))


def _kept(pack: Pack) -> data.Kept:
    if pack.data is None:
        raise ValueError("only a frozen pack keeps its data")
    return data.read(bytes(pack.data.content.data))
