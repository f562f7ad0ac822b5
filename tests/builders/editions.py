"""An agreement with a wording, and a way to let an amendment go through its steps."""

from datetime import date, datetime
from typing import Any

from agreements.editions import actions, draft_actions
from agreements.editions.draft_actions import Wanted
from agreements.editions.official_wording.actions import import_wording, write_wording
from agreements.models import Agreement, AgreementKind, Consultation, ConsultationType, Edition, Provision
from agreements.wording import parse
from iconm_portal.history.history import Source
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import (
    a_pdf,
    conclude,
    make_agreement,
    make_consultation,
    make_edition,
    make_obligation,
    make_provision,
)
from tests.builders.plans import tokyo
from tests.builders.support import make_measure
from tests.unguarded import no_guards

TODAY = date(2026, 11, 24)
AT = tokyo(TODAY)
CHANGE_ON = date(2027, 4, 1)
SERVER = Source("manage.py import_wording")

TEXT = """水辺観察会の共同運営に関する協定書

架空市と緑の会は、次のとおり協定を結ぶ。

（目的）
第1条 この協定は、観察会を続けることを目的とする。

（役割）
第2条 緑の会は、次のことを行う。
(1) 準備
(2) 次の案内
ア 学校への案内
イ 市民への案内
2 架空市は、観察会を広報する。

（報告）
第3条 緑の会は、毎年度5月末までに報告書を架空市に提出する。

この協定を証するため、本書2通を作る。
令和4年3月25日
"""


def make_worded(center: Center, *, code: str = "basic", text: str = TEXT, **fields: Any) -> Edition:
    """The first edition of an agreement with an official wording."""
    edition = make_edition(make_agreement(center, code=code, **fields))
    import_text(edition, text)
    return edition


def summarise(edition: Edition, *keys: str, summary: str = "要旨") -> None:
    """Our own words beside an official wording that is settled: they were there before it."""
    with no_guards():
        Provision.objects.filter(edition=edition, key__in=keys).update(summary=summary)


def import_text(edition: Edition, text: str = TEXT, *, by: User | None = None, at: datetime = AT) -> None:
    """As if both had confirmed it, whatever is wrong with the text."""
    write_wording(
        edition=edition,
        version=edition.version,
        wording=parse(text),
        file_name="協定書.txt",
        by=by or SERVER,
        at=at,
        accept_problems=True,
    )


def make_amendment(agreement: Agreement, by: User, *, day: date = CHANGE_ON) -> Edition:
    """A draft that says something else in 第3条."""
    draft = draft_actions.start_amendment(
        agreement=agreement, in_force_from=day, reason="提出の期限を改める。", by=by, at=AT
    )
    return draft_actions.change_provision(
        edition=draft,
        version=draft.version,
        key="art3/par1",
        wanted=Wanted(text="緑の会は、毎年度6月末までに報告書を架空市に提出する。"),
        by=by,
        at=AT,
    )


def make_annual_amendment(center: Center, by: User, *, day: date = date(2026, 12, 1)) -> Edition:
    """A draft that amends a concluded annual agreement of FY2026 over 110,000,000 yen, "support-2026"."""
    parent = make_agreement(center, code="support", kind=AgreementKind.RESEARCH_SUPPORT)
    annual = make_agreement(
        center,
        code="support-2026",
        kind=AgreementKind.ANNUAL,
        parent=parent,
        fiscal_year=2026,
        contribution=110_000_000,
        starts_on=date(2026, 4, 1),
        ends_on=date(2027, 3, 31),
        concluded=date(2026, 3, 25),
    )
    settled = {"state": ProposalState.CONFIRMED, "known_from": date(2026, 3, 20)}
    make_edition(annual, preamble="支援体制を保つ。", **settled)
    return draft_actions.start_amendment(
        agreement=annual, in_force_from=day, reason="人員を増やす。", by=by, at=AT
    )


def change_talk(agreement: Agreement, proposer: User, confirmer: User | None) -> Consultation:
    """A consultation about changing the agreement."""
    return make_consultation(
        agreement.center,
        proposer=proposer,
        confirmer=confirmer,
        type=ConsultationType.CHANGE,
        agreement=agreement,
        subject="期限の変更",
    )


def propose(draft: Edition, by: User, talk: Consultation) -> Edition:
    """Before the other side, after the consultation."""
    return actions.propose(
        edition=draft,
        version=draft.version,
        consultation=talk,
        by=by,
        at=AT,
    )


def confirm(draft: Edition, by: User) -> Edition:
    """By the other side."""
    return actions.confirm(edition=draft, version=draft.version, by=by, at=AT)


def make_editions(center: Center, *, city: User, foundation: User) -> None:
    """What the addresses of editions name: "worded" with a confirmed and signed amendment, "drafted" (with the obligation
    "report" and the measure "drafted-grant") and "proposed" with an open one; "unworded", whose official wording the city put forward;
    "summarised", a draft with a summary of art1."""
    make_provision(make_edition(make_agreement(center, code="summarised", concluded=None)), "art1")
    for code in ("worded", "drafted", "proposed"):
        first = make_worded(center, code=code)
        agreement = first.agreement
        draft = make_amendment(agreement, city)
        if code == "drafted":
            make_obligation(agreement, code="report")
            make_measure(
                agreement,
                code="drafted-grant",
                first_year=FiscalYear(2022),
                last_year=FiscalYear(2028),
                provision=first.provisions.get(key="art3/par1"),
            )
        if code != "drafted":
            propose(draft, city, change_talk(agreement, city, foundation))
        if code == "worded":
            confirm(draft, foundation)
            conclude(
                agreement, "2026-11-20", edition=draft, scan=a_pdf(), by=city, confirmed_by=foundation, at=AT
            )
    import_wording(
        edition=make_edition(make_agreement(center, code="unworded", concluded=None)),
        version=1,
        wording=parse(TEXT),
        file_name="協定書.txt",
        by=city,
        at=AT,
    )
