"""Invented official wordings for the fictional center, with an amendment in every state."""

from datetime import date

from agreements.consultations import actions as consultation_actions
from agreements.editions import actions, draft_actions
from agreements.editions.draft_actions import Wanted
from agreements.editions.official_wording.actions import import_wording
from agreements.loading.demonstration.cast import People, at
from agreements.models import Agreement, Consultation, ConsultationType, Edition
from agreements.wording import parse
from iconm_portal.forms.files import CheckedFile
from iconm_portal.models import Center, User

_BASIC = """みどり台ラボの運営等に関する基本協定書（架空）

海風市（以下「甲」という。）とみどり台財団（以下「乙」という。）は、みどり台ラボの運営について、次のとおり協定を結ぶ。

（目的）
第1条 この協定は、健康に役立つ研究の場を、甲と乙が共に支えることを目的とする。

（計画）
第2条 乙は、毎年度8月末までに、翌年度の計画及び予算の案を甲に提出する。
2 乙は、甲と協議し、調整したうえで、前項の計画及び予算を決める。

（報告）
第3条 乙は、毎年度5月末までに、前年度の報告書及び決算書を甲に提出する。

（用地）
第4条 甲は、乙に用地を無償で貸す。
2 前項の扱いは、次のいずれかのときに終わる。
(1) この協定が終わったとき。
(2) 用地の使い方が条例の条件を満たさないと、甲が認めたとき。

（解約）
第5条 甲又は乙が解約を申し出たときは、協議を行い、双方が合意した日にこの協定は終わる。

この協定を証するため、本書2通を作り、甲乙が1通ずつ持つ。
令和4年3月25日
"""
_RESEARCH = """みどり台ラボにおける研究支援事業に関する協定書（架空）

（目的）
第1条 この協定は、研究とその実用化を、甲と乙が共に支えることを目的とする。

（年度協定）
第2条 甲及び乙は、毎年度、取組及び負担金の額を定めた年度協定を結ぶ。
"""
_NEXT = """次期研究支援事業に関する協定書（架空）

（目的）
第1条 この協定は、研究の成果を早く世に出すことを目的とする。

（相談）
第2条 乙は、事業化の相談を毎月開く。
"""


def load(center: Center, people: People) -> None:
    """Texts imported; of amendments one confirmed and one proposed, one declined, one being drafted."""
    city, foundation = people.city, people.foundation
    basic, research, coming = (
        _import(center, code, text, on, foundation)
        for code, text, on in (
            ("basic", _BASIC, date(2024, 5, 7)),
            ("research", _RESEARCH, date(2024, 5, 7)),
            ("next-research", _NEXT, date(2026, 11, 17)),
        )
    )
    confirmed = _amended(
        basic,
        date(2025, 4, 1),
        "提出の期限を、決算の実務に合わせる（架空）。",
        "art3/par1",
        "乙は、毎年度6月末までに、前年度の報告書及び決算書を甲に提出する。",
        by=city,
        on=date(2025, 1, 20),
    )
    _propose(confirmed, "報告の期限の変更", by=city, other=foundation, on=date(2025, 3, 10))
    actions.confirm(edition=confirmed, version=confirmed.version, by=foundation, at=at(date(2025, 3, 17)))
    proposed = _amended(
        basic,
        date(2027, 4, 1),
        "計画の案を、成果指標とあわせて協議する（架空）。",
        "art2/par1",
        "乙は、毎年度8月末までに、翌年度の計画、成果指標及び予算の案を甲に提出する。",
        by=foundation,
        on=date(2026, 10, 14),
    )
    draft_actions.add_provision(
        edition=proposed,
        version=proposed.version,
        within="",
        number="第3条の2",
        wanted=Wanted("公表", "甲及び乙は、報告書の要点を市民に公表する。", "要点を市民に知らせる（架空）。"),
        by=foundation,
        at=at(date(2026, 10, 15)),
    )
    proposed.refresh_from_db()
    _propose(proposed, "計画と公表についての変更", by=foundation, other=city, on=date(2026, 11, 18))
    declined = _amended(
        research,
        date(2027, 4, 1),
        "負担金の額を複数年で定める（架空）。",
        "art2/par1",
        "甲及び乙は、取組及び負担金の額を3年度分まとめて定めた協定を結ぶ。",
        by=foundation,
        on=date(2026, 9, 2),
    )
    _propose(declined, "年度協定のあり方", by=foundation, other=city, on=date(2026, 10, 1))
    actions.decline(
        edition=declined,
        version=declined.version,
        reason="予算は年度ごとに議決されるため、額は毎年度定めたい（架空）。",
        by=city,
        at=at(date(2026, 10, 8)),
    )
    _amended(
        coming,
        date(2027, 10, 1),
        "相談の回数を増やす（架空）。",
        "art2/par1",
        "乙は、事業化の相談を毎月2回開く。",
        by=city,
        on=date(2026, 11, 19),
    )


def _import(center: Center, code: str, text: str, on: date, by: User) -> Agreement:
    """Into the agreement's first edition, which comes with the text where there is none."""
    agreement = center.agreements.get(code=code)
    edition, _new = Edition.objects.get_or_create(
        agreement=agreement,
        number=1,
        defaults={"in_force_from": agreement.starts_on, "source": agreement.source},
    )
    import_wording(
        edition=edition,
        version=edition.version,
        wording=parse(text),
        file_name=f"{agreement.short_title}.txt",
        by=by,
        at=at(on),
    )
    return agreement


def _amended(
    agreement: Agreement, day: date, reason: str, key: str, text: str, *, by: User, on: date
) -> Edition:
    draft = draft_actions.start_amendment(
        agreement=agreement, in_force_from=day, reason=reason, by=by, at=at(on)
    )
    wanted = Wanted(text=text)
    return draft_actions.change_provision(
        edition=draft, version=draft.version, key=key, wanted=wanted, by=by, at=at(on)
    )


def _propose(draft: Edition, subject: str, *, by: User, other: User, on: date) -> None:
    actions.propose(
        edition=draft,
        version=draft.version,
        consultation=_talk(draft.agreement, subject, by, other, on),
        concluded_on=on,
        document_number=f"海風協{on.year}第{on.month}号（架空）",
        scan=CheckedFile("署名済み変更協定書（架空）.txt", "text/plain", "署名済み（架空）\n".encode()),
        by=by,
        at=at(on),
    )


def _talk(agreement: Agreement, subject: str, by: User, other: User, on: date) -> Consultation:
    talk = consultation_actions.record(
        center=agreement.center,
        details=consultation_actions.Details(
            type=ConsultationType.CHANGE,
            held_on=on,
            subject=f"{subject}（架空）",
            outcome="改める文を確認し、変更協定を結ぶことにした（架空）。",
            participants="海風市 課長、財団 部長（架空）",
            agreement=agreement,
        ),
        by=by,
        at=at(on),
    )
    return consultation_actions.confirm(consultation=talk, version=talk.version, by=other, at=at(on))
