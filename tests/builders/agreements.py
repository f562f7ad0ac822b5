"""Small builders of agreements and what hangs on them. Duties take their steps through the real actions."""

from datetime import date
from typing import Any

from agreements.consultations import actions
from agreements.duties import actions as dutie_actions
from agreements.duties import feed_actions, programme_actions
from agreements.instruments import annual_actions, ending_actions
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.models import (
    Agreement,
    AgreementKind,
    Bound,
    CalendarFeed,
    Conclusion,
    Consultation,
    ConsultationType,
    Duty,
    Edition,
    Ending,
    Obligation,
    Provision,
    ProvisionKind,
    RequiredDocument,
    Timing,
    Way,
)
from iconm_portal.forms.files import CheckedFile
from iconm_portal.models import Center, ProposalState, Side, User
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.plans import tokyo

PDF = b"%PDF-1.7 a document of ours"

# What is asked of whom, as fields of `Obligation`: the two with a printed date, and one of every other kind.
REPORT: dict[str, Any] = {
    "code": "report",
    "title": "事業報告書と収支決算書の提出",
    "bound": Bound.OPERATOR,
    "way": Way.REVIEW,
    "timing": Timing.YEARLY,
    "due_month": 5,
    "due_day": 31,
    "due_year_offset": 1,
}
DRAFT_PLAN: dict[str, Any] = {
    "code": "draft-plan",
    "title": "翌年度の計画と予算の案",
    "bound": Bound.OPERATOR,
    "way": Way.OPERATOR_DECIDES,
    "timing": Timing.YEARLY,
    "due_month": 8,
    "due_day": 31,
    "due_year_offset": -1,
}
ANNUAL: dict[str, Any] = {
    "code": "annual",
    "title": "年度協定の締結",
    "bound": Bound.BOTH,
    "way": Way.JOINT,
    "timing": Timing.YEARLY,
}
ONCE: dict[str, Any] = {
    "code": "term-review",
    "title": "期間の終わりの見直し",
    "bound": Bound.BOTH,
    "way": Way.JOINT,
    "timing": Timing.ONCE,
    "due_on": date(2026, 3, 31),
}
CONTINUOUS: dict[str, Any] = {
    "code": "guidance",
    "title": "運営への助言",
    "bound": Bound.SUPPORTER,
    "way": Way.NONE,
    "timing": Timing.CONTINUOUS,
}


# -- Agreements and their wording --


def make_agreement(
    center: Center, *, code: str = "basic", concluded: date | str | None = date(2022, 3, 25), **fields: Any
) -> Agreement:
    """An agreement in force from 1 April 2022, concluded before that unless `concluded` is None (then 案)."""
    agreement = Agreement.objects.create(
        center=center,
        code=code,
        **{
            "kind": AgreementKind.BASIC,
            "position": center.agreements.count() + 1,
            "title": f"協定書 {code}",
            "short_title": f"協定 {code}",
            "starts_on": date(2022, 4, 1),
            "source": "T9",
            **fields,
        },
    )
    if concluded:
        make_conclusion(agreement, concluded)
    return agreement


def make_conclusion(agreement: Agreement, on: date | str, **fields: Any) -> Conclusion:
    """That it was signed on a day, or in a month (2022-03)."""
    settled = {"state": ProposalState.CONFIRMED, "known_from": partial_date.first_day(str(on))}
    return Conclusion.objects.create(
        agreement=agreement, **{"concluded_on": str(on), "source": "T6", **settled, **fields}
    )


def conclude(agreement: Agreement, on: str, *, by: User, confirmed_by: User, **fields: Any) -> Conclusion:
    """Recorded by one side and confirmed by the other, through the actions."""
    at = fields.pop("at", tokyo(date(2026, 6, 12)))
    made = conclusion_actions.record_conclusion(agreement=agreement, concluded_on=on, by=by, at=at, **fields)
    return conclusion_actions.confirm(conclusion=made, version=made.version, by=confirmed_by, at=at)


def make_edition(agreement: Agreement, *, number: int = 1, **fields: Any) -> Edition:
    """A draft edition; the first is in force from the agreement's start."""
    return Edition.objects.create(
        agreement=agreement, number=number, **{"in_force_from": agreement.starts_on, "source": "T9", **fields}
    )


def make_provision(edition: Edition, key: str = "art9", **fields: Any) -> Provision:
    """A provision at the end of the edition: an article unless `kind` says otherwise."""
    return Provision.objects.create(
        edition=edition,
        key=key,
        **{
            "kind": ProvisionKind.ARTICLE,
            "position": edition.provisions.count() + 1,
            "label": f"第{key.partition('/')[0].removeprefix('art')}条",
            "heading": "報告",
            "summary": "財団は報告書をつくる。",
            **fields,
        },
    )


# -- Obligations --


def make_obligation(
    agreement: Agreement, what: dict[str, Any] | None = None, *, documents: int = 0, **fields: Any
) -> Obligation:
    """REPORT, or another of those above, with some fields changed and so many required documents."""
    obligation = Obligation.objects.create(
        agreement=agreement,
        position=agreement.obligations.count() + 1,
        **{"source": "T9", **(what or REPORT), **fields},
    )
    RequiredDocument.objects.bulk_create(
        RequiredDocument(obligation=obligation, code=f"document-{n}", position=n, name=f"書類{n}")
        for n in range(1, documents + 1)
    )
    return obligation


# -- Consultations --


def make_consultation(
    center: Center,
    *,
    proposer: User,
    confirmer: User | None = None,
    held_on: date = date(2026, 6, 10),
    **fields: Any,
) -> Consultation:
    """A talk that one side proposed, and that the other side's person confirmed if given; not through actions."""
    settled = {
        "state": ProposalState.CONFIRMED,
        "confirmed_at": tokyo(held_on, 12),
        "confirmed_by": confirmer,
        "known_from": held_on,
    }
    return Consultation.objects.create(
        center=center,
        number=center.consultations.count() + 1,
        **{
            "type": ConsultationType.COORDINATE,
            "held_on": held_on,
            "subject": "期限の延長",
            "outcome": "延長を認める。",
            "proposed_at": tokyo(held_on),
            "proposed_by": proposer,
            "proposed_side": center.side_of(proposer) or Side.OPERATOR,
            "state": ProposalState.PROPOSED,
            **(settled if confirmer else {}),
            **fields,
        },
    )


# -- Files --


def a_pdf(name: str = "報告書.pdf") -> CheckedFile:
    """A file that passed its check."""
    return CheckedFile(name, "application/pdf", PDF)


# -- Duties --


def store(center: Center, year: int, *, by: User, on: date = date(2026, 4, 1)) -> dict[str, Duty]:
    """A fiscal year's duties, stored on a day, by the obligation's code and the year that they concern: report/2025."""
    programme_actions.store_year(center=center, fiscal_year=FiscalYear(year), by=by, at=tokyo(on))
    found = Duty.objects.filter(obligation__agreement__center=center).select_related(
        "obligation__agreement__center"
    )
    return {f"{duty.obligation.code}/{duty.fiscal_year.start}": duty for duty in found}


def hand_in(duty: Duty, *, by: User, on: date = date(2026, 5, 20), note: str = "提出します。") -> Duty:
    """Save every required document, or a note alone, and hand it in (or propose it)."""
    documents = [(required, a_pdf()) for required in duty.obligation.required_documents.all()]
    return dutie_actions.save_and_submit(
        duty=duty, version=duty.version, note=note, documents=documents, by=by, at=tokyo(on)
    )


def open_duty(duty: Duty, *, by: User, on: date = date(2026, 5, 21)) -> Duty:
    """The other side begins its review."""
    return dutie_actions.open_review(duty=duty, version=duty.version, by=by, at=tokyo(on))


def accept_duty(duty: Duty, *, by: User, on: date = date(2026, 5, 25)) -> Duty:
    """Accept what is in review, or confirm a proposal."""
    return dutie_actions.accept(duty=duty, version=duty.version, by=by, at=tokyo(on))


def return_duty(
    duty: Duty, *, by: User, on: date = date(2026, 5, 25), text: str = "直してください。"
) -> Duty:
    """Return what is in review, or decline a proposal."""
    return dutie_actions.send_back(duty=duty, version=duty.version, text=text, by=by, at=tokyo(on))


# -- Consultations, notices, endings, annual agreements, through the real actions --


def details(agreement: Agreement | None = None, **fields: Any) -> actions.Details:
    """A talk of 10 June 2026 on a termination, unless told otherwise."""
    return actions.Details(
        **{
            "type": ConsultationType.TERMINATE,
            "held_on": date(2026, 6, 10),
            "subject": "解約の協議",
            "outcome": "終了に合意した。",
            "agreement": agreement,
            **fields,
        }
    )


def settled_talk(agreement: Agreement, *, by: User, confirmed_by: User, **fields: Any) -> Consultation:
    """A talk about the agreement that one side recorded and the other confirmed."""
    at = tokyo(date(2026, 6, 12))
    made = actions.record(center=agreement.center, details=details(agreement, **fields), by=by, at=at)
    return actions.confirm(consultation=made, version=made.version, by=confirmed_by, at=at)


def proposed_ending(
    agreement: Agreement, *, by: User, confirmed_by: User, ends_on: date = date(2027, 3, 31)
) -> Ending:
    """An ending that one side proposed, after a talk that both confirmed."""
    return ending_actions.propose(
        agreement=agreement,
        ends_on=ends_on,
        consultation=settled_talk(agreement, by=by, confirmed_by=confirmed_by),
        reason="役割を終えた",
        by=by,
        at=tokyo(date(2026, 6, 20)),
    )


def terms(year: int = 2026, **fields: Any) -> annual_actions.Terms:
    """What an annual agreement of the year settles."""
    return annual_actions.Terms(
        **{
            "title": f"{year}年度の年度協定書",
            "short_title": f"年度協定 {year}",
            "starts_on": date(year, 4, 1),
            "ends_on": date(year + 1, 3, 31),
            "contribution": 110_000_000,
            "content": "支援体制を保つ。",
            **fields,
        }
    )


def proposed_annual(parent: Agreement, *, by: User, year: int = 2026, **fields: Any) -> Agreement:
    """An annual agreement whose terms one side proposed."""
    return annual_actions.propose(
        parent=parent,
        fiscal_year=FiscalYear(year),
        terms=terms(year, **fields),
        by=by,
        at=tokyo(date(2026, 3, 2)),
    )


def make_all(center: Center, *, city: User, foundation: User) -> None:
    """What the addresses of agreements name: "basic", signed, with a scan; "support-2026", proposed by the city under
    "support"; talk 1, confirmed, and talk 2, proposed by the foundation, each with a file."""
    at = tokyo(date(2026, 6, 12))
    basic = make_agreement(center, concluded=None)
    conclude(basic, "2022-03-25", scan=a_pdf(), by=city, confirmed_by=foundation)
    proposed_annual(make_agreement(center, code="support", kind=AgreementKind.RESEARCH_SUPPORT), by=city)
    for _talk in range(2):
        actions.record(center=center, details=details(basic), by=foundation, at=at, new_files=[a_pdf()])
    first = center.consultations.get(number=1)
    actions.confirm(consultation=first, version=first.version, by=city, at=at)


def make_duties(center: Center, *, city: User, foundation: User) -> None:
    """What the addresses of duties name, under "yearly": "saved", "handed-in" and "settled" (each with a document),
    "plan", which the foundation decides, "on-request"; and the foundation's calendar address "<center>-secret"."""
    yearly = make_agreement(center, code="yearly")
    for code in ("saved", "handed-in", "settled"):
        make_obligation(yearly, code=code, documents=1)
    make_obligation(yearly, DRAFT_PLAN, code="plan")
    on_request = {"timing": Timing.ON_REQUEST, "due_month": None, "due_day": None}
    make_obligation(yearly, code="on-request", **on_request)
    stored = store(center, 2026, by=foundation)
    saved = stored["saved/2025"]
    files = [(required, a_pdf()) for required in saved.obligation.required_documents.all()]
    at = tokyo(date(2026, 5, 20))
    dutie_actions.save(duty=saved, version=saved.version, note="", documents=files, by=foundation, at=at)
    hand_in(stored["handed-in/2025"], by=foundation)
    settled = open_duty(hand_in(stored["settled/2025"], by=foundation), by=city)
    accept_duty(settled, by=city)
    digest = feed_actions.digest_of(f"{center.code}-secret")
    CalendarFeed.objects.create(person=foundation, digest=digest)
