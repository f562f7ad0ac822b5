"""Beside the demonstration: one row at least of all that it has not, so that each guard has something to keep."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.db.models import F

from agreements.models import (
    CalendarFeed,
    ChronologyEntry,
    Conclusion,
    Criterion,
    Edition,
    Finding,
    MeasureChange,
    Notice,
    Obligation,
    ObligationChange,
    Post,
    Provision,
    Reminder,
    SupportMeasure,
    Verification,
    WordingProposal,
)
from finance.models import Statement, StatementComment, StatementFile, YearClosing
from iconm_portal.models import (
    Answer,
    Center,
    ImportState,
    ProposalState,
    SetUp,
    Side,
    SignOn,
    StoredFile,
    TableImport,
    User,
)
from iconm_portal.models.audit import AuditEvent, AuditKind
from iconm_portal.models.resets import ResetKind, ResetProposal
from kpi.models import (
    Kgi,
    OfficialTextLine,
    OfficialTextProposal,
    Pack,
    PlanCorrection,
    PlanCorrectionLine,
    PlanProposal,
    Publication,
    Report,
)
from tests.unguarded import no_guards

AT = datetime(2026, 6, 1, 3, tzinfo=UTC)
DAY = date(2026, 6, 1)


@pytest.fixture
def world(demo: None) -> Center:
    """The demonstration's center, with the rest."""
    center = Center.objects.get(code="midoridai")
    city = User.objects.get(username="umikaze-city-staff")
    foundation = User.objects.get(username="umikaze-foundation-staff")
    put = {"proposed_at": AT, "proposed_by": foundation, "proposed_side": Side.OPERATOR}
    proposed = {"state": ProposalState.PROPOSED, **put}
    confirmed = {
        "state": ProposalState.CONFIRMED,
        **put,
        "confirmed_at": AT,
        "confirmed_by": city,
        "known_from": DAY,
    }
    file = StoredFile.objects.filter(center=center)[0]
    with no_guards():
        CalendarFeed.objects.create(person=city, digest="1" * 64, issued=AT, revoked=AT)
        CalendarFeed.objects.create(person=foundation, digest="2" * 64, issued=AT)
        Reminder.objects.create(
            center=center, about="a", person=city, kind="ahead", due_on=DAY, claimed=AT, title="期限"
        )
        Publication.objects.create(center=center, switched_by=city, switched_at=AT)
        AuditEvent.objects.create(kind=AuditKind.values[0], username=city.username)
        ResetProposal.objects.create(
            person=city, kind=ResetKind.PASSWORD, proposed_by=foundation, declined_by=city, declined_at=AT
        )
        ResetProposal.objects.create(person=city, kind=ResetKind.SECOND_FACTOR, proposed_by=foundation)
        SignOn.objects.create(person=city, issuer="https://a.example", subject="1", linked_by=foundation)
        _of_statements(foundation, city, file)
        _of_agreements(center, foundation, proposed)
        for state in (proposed, confirmed):
            texts = OfficialTextProposal.objects.create(center=center, document="文書", **state)
            OfficialTextLine.objects.create(
                proposal=texts, kgi=Kgi.objects.filter(center=center)[0], text="文"
            )
            correction = PlanCorrection.objects.create(plan=center.plans.all()[0], reason="訂正", **state)
            PlanCorrectionLine.objects.create(correction=correction, wording="label", before="a", after="b")
            Answer.objects.create(
                center=center, settled_kind="k", settled_key="key", label="検証", reason="影響しない", **state
            )
            SetUp.objects.create(
                center=center,
                name="a.xlsx",
                file=file,
                document="資料",
                document_on=DAY,
                uploaded_by=city,
                **state,
            )
        SetUp.objects.create(center=center, name="a.xlsx", document="資料", document_on=DAY, uploaded_by=city)
        _plan_proposals(center, proposed, confirmed)
        TableImport.objects.create(
            center=center, kind="k", name="a", file=file, uploaded_by=city, state=ImportState.APPLIED,
            applied_at=AT, applied_by=city,
        )  # fmt: skip
        TableImport.objects.create(center=center, kind="k", name="a", uploaded_by=city)
    connection.check_constraints()  # what waits for the end of a transaction keeps PostgreSQL from truncating
    return center


def _of_statements(foundation: User, city: User, file: StoredFile) -> None:
    settled = Statement.objects.filter(state="accepted")[0]
    StatementComment.objects.create(statement=settled, text="確認しました", written_at=AT, written_by=city)
    StatementFile.objects.create(statement=settled, file=file, attached_at=AT, attached_by=foundation)
    closing = YearClosing.objects.all()[0]
    YearClosing.objects.create(
        center=closing.center,
        fiscal_year=closing.fiscal_year,
        closed_at=AT,
        closed_by=foundation,
        reopened_at=AT,
        reopened_by=city,
        reason="追加の計上",
    )
    under_review = {
        "submitted_at": AT,
        "submitted_by": foundation,
        "state": "submitted",
        "version": F("version") + 1,
    }
    for model in (Statement, Report):
        draft = model._default_manager.exclude(state="accepted").first()
        if draft is not None:
            model._default_manager.filter(pk=draft.pk).update(**under_review)


def _of_agreements(center: Center, foundation: User, proposed: dict[str, object]) -> None:
    agreement = center.agreements.all()[0]
    edition = Edition.objects.filter(state="confirmed", agreement__center=center)[0]
    edition.removes.add(Provision.objects.filter(edition=edition)[0])
    MeasureChange.objects.create(
        edition=edition, measure=SupportMeasure.objects.filter(center=center)[0], outcome="unchanged"
    )
    first = Edition.objects.filter(number=1)[0]
    WordingProposal.objects.create(edition=first, text="第1条", file_name="f", **proposed)
    Conclusion.objects.create(
        agreement=agreement,
        revision=9,
        concluded_on="2026-06",
        reason="訂正",
        recorded_by=foundation,
        **proposed,
    )
    before_both = Edition.objects.create(
        agreement=agreement, number=99, based_on=edition, in_force_from=DAY, reason="改定", **proposed
    )
    Provision.objects.create(edition=before_both, kind="article", key="art1", position=1, summary="要旨")
    before_both.removes.add(Provision.objects.filter(edition=edition)[0])
    ObligationChange.objects.create(
        edition=before_both,
        obligation=Obligation.objects.filter(agreement__center=center)[0],
        outcome="unchanged",
    )
    MeasureChange.objects.create(
        edition=before_both, measure=SupportMeasure.objects.filter(center=center)[0], outcome="unchanged"
    )
    Notice.objects.create(
        agreement=agreement, side=Side.OPERATOR, given_on=DAY, reason="終了", recorded_by=foundation,
        withdrawn_at=AT, withdrawn_by=foundation,
    )  # fmt: skip
    entered = {"center": center, "code": "entered", "recorded_at": AT, "recorded_by": foundation}
    Post.objects.create(title="役職", **entered)
    ChronologyEntry.objects.create(happened_on="2015", text="経緯", **entered)
    Finding.objects.create(
        criterion=Criterion.objects.create(label="観点", position=99, **entered),
        verification=Verification.objects.filter(center=center, kind="effect", state="accepted")[0],
    )


def _plan_proposals(center: Center, proposed: dict[str, object], confirmed: dict[str, object]) -> None:
    PlanProposal.objects.filter(center=center).exclude(state="confirmed").update(**proposed)
    plan = center.plans.all()[0]
    talk = center.consultations.filter(state="confirmed")[0]
    PlanProposal.objects.create(
        center=center, code="made", label="計画", first_year=2022, last_year=2025, made=plan, consultation=talk,
        **confirmed,
    )  # fmt: skip
    Pack.objects.filter(state="draft").first()
