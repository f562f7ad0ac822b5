"""What the agreements themselves have of what they ask for: agreements concluded under others, consultations held."""

from collections.abc import Callable, Iterator

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.instruments import agreements
from agreements.models import Agreement, AgreementKind, Consultation, ConsultationType, Edition
from iconm_portal.models import Center, ProposalState, Side
from iconm_portal.standing.deeds import Deed, DeedKind, DeedState
from iconm_portal.values import clock, partial_date
from iconm_portal.values.fiscal import FiscalYear


def _concluded(kind: AgreementKind) -> Callable[[Center], Iterator[Deed]]:
    """Agreements of a kind that stand under another one: done with their conclusion, whatever becomes of them later."""

    def read(center: Center) -> Iterator[Deed]:
        terms = Prefetch("editions", Edition.objects.filter(number=1).select_related("confirmed_by"))
        rows = agreements.with_state(Agreement.objects.filter(center=center, kind=kind, parent__isnull=False))
        for row in (
            rows.select_related("center", "parent").prefetch_related(terms).order_by("starts_on", "pk")
        ):
            if (deed := _agreement(row)) is not None:
                yield deed

    return read


def _agreement(row: Agreement) -> Deed | None:
    url = reverse("agreements:agreement", kwargs={"center": row.center.code, "agreement": row.code})
    under = row.parent.code if row.parent else ""
    terms = next(iter(row.editions.all()), None)
    proposed_on = clock.day_of(terms.proposed_at) if terms and terms.proposed_at else None
    signed = sorted((one for one in row.conclusions.all() if one.is_confirmed), key=lambda one: one.revision)
    if signed:  # a conclusion counts once both have confirmed it
        day, first, last = partial_date.first_day(signed[-1].concluded_on), signed[0], signed[-1]
        return Deed(
            row.fiscal_year,
            under,
            row.title,
            url,
            DeedState.DONE,
            handed_in_on=day,
            settled_on=day,
            settled_by=str(last.confirmed_by or last.recorded_by or last.source),
            known_from=first.known_from or day,
            proposed_on=proposed_on,
        )
    if terms is None or row.kind != AgreementKind.ANNUAL:
        return None
    state, waits_for = _TERMS[terms.state]
    if state is None:
        return None
    if terms.state is ProposalState.PROPOSED and terms.proposed_side:
        waits_for -= {terms.proposed_side}
    step_url = url
    recorded = next((one for one in row.conclusions.all() if one.state is ProposalState.PROPOSED), None)
    if (
        recorded is not None and recorded.proposed_side
    ):  # one side has recorded the signing, the other confirms it
        waits_for = frozenset(Side) - {recorded.proposed_side}
        step_url = reverse("agreements:conclusion", kwargs={"center": row.center.code, "agreement": row.code})
    handed_in_on = proposed_on if state is DeedState.HANDED_IN else None
    return Deed(
        row.fiscal_year,
        under,
        row.title,
        url,
        state,
        handed_in_on,
        waits_for=waits_for,
        step_url=step_url,
        falls_with_agreement=True,
    )


# How far an annual agreement has come by the state of its terms, and whose step is next: confirmed, it is to be signed.
_TERMS: dict[ProposalState, tuple[DeedState | None, frozenset[Side]]] = {
    ProposalState.DRAFT: (None, frozenset()),
    ProposalState.PROPOSED: (DeedState.HANDED_IN, frozenset(Side)),
    ProposalState.CONFIRMED: (DeedState.HANDED_IN, frozenset(Side)),
    ProposalState.DECLINED: (DeedState.RETURNED, frozenset(Side)),
}


def _consultations(type_: ConsultationType) -> Callable[[Center], Iterator[Deed]]:
    """Talks of a type that both sides have confirmed, by the day on which they were held."""

    def read(center: Center) -> Iterator[Deed]:
        rows = Consultation.objects.filter(center=center, type=type_, state=ProposalState.CONFIRMED)
        for talk in rows.select_related("agreement", "confirmed_by").order_by("held_on", "number"):
            yield Deed(
                year=FiscalYear.of(talk.held_on),
                under=talk.agreement.code if talk.agreement else "",
                name=str(talk),
                url=reverse("agreements:consultation", kwargs={"center": center.code, "number": talk.number}),
                state=DeedState.DONE,
                handed_in_on=talk.held_on,
                settled_on=talk.known_from,
                settled_by=str(talk.confirmed_by or ""),
            )

    return read


def _list_of(name: str) -> Callable[[Center], str]:
    return lambda center: reverse(name, kwargs={"center": center.code})


KINDS = (
    *(
        DeedKind(
            f"agreement-{kind}".replace("_", "-"), word, _concluded(kind), _list_of("agreements:agreements")
        )
        for kind, word in (
            (AgreementKind.ANNUAL, _("the year's annual agreement, concluded")),
            (AgreementKind.RESEARCH_SUPPORT, _("the research-support agreement, concluded")),
            (AgreementKind.LAND_LOAN, _("the contract on the loan of land, concluded")),
        )
    ),
    *(
        DeedKind(
            f"consultation-{type_}".replace("_", "-"),
            word,
            _consultations(type_),
            _list_of("agreements:consultations"),
        )
        for type_, word in (
            (ConsultationType.DRAFT_TOGETHER, _("a consultation on a plan or report, confirmed")),
            (ConsultationType.CHANGE, _("a consultation on a change, confirmed")),
            (ConsultationType.TERMINATE, _("a consultation on a termination, confirmed")),
            (ConsultationType.NOT_PROVIDED, _("a consultation on what is not provided for, confirmed")),
        )
    ),
)
