"""協議 in every state, and how one is held for what has to be settled by a talk."""

from datetime import date
from typing import Any

from agreements.consultations import actions
from agreements.loading.demonstration.cast import People, at
from agreements.models import Agreement, Consultation, ConsultationType
from iconm_portal.forms import files


def load(made: dict[str, Agreement], people: People) -> None:
    """One confirmed, one waiting for the foundation, one declined by it, one taken back by the city."""
    confirmed_talk(
        people,
        made["basic"],
        ConsultationType.COORDINATE,
        date(2026, 9, 8),
        "令和9年度の計画案の調整",
        "案のとおりとし、予算の内訳を次回までに整理する",
    )
    talk(
        people,
        made["research"],
        ConsultationType.CHANGE,
        date(2026, 11, 12),
        "研究支援協定の見直し",
        "次期協定へ引き継ぐ項目を確認した",
    )
    declined = talk(
        people,
        made["basic"],
        ConsultationType.NOT_PROVIDED,
        date(2026, 10, 6),
        "展示スペースの扱い",
        "年2回まで市が使う",
    )
    actions.decline(
        consultation=declined,
        version=declined.version,
        reason="年1回と理解している（架空）",
        by=people.foundation,
        at=at(date(2026, 10, 9)),
    )
    taken_back = talk(
        people,
        made["research"],
        ConsultationType.SET,
        date(2026, 10, 20),
        "来年度の目標の設定",
        "目標値の案を交換した",
    )
    actions.take_back(consultation=taken_back, version=taken_back.version, by=people.city)


def talk(
    people: People, agreement: Agreement, kind: ConsultationType, day: date, subject: str, outcome: str
) -> Consultation:
    """Recorded by the city, with a paper; not yet confirmed."""
    paper = files.CheckedFile("議事録（架空）.txt", "text/plain", f"{subject}\n".encode())
    return actions.record(
        center=agreement.center,
        details=actions.Details(
            type=kind,
            held_on=day,
            subject=f"{subject}（架空）",
            outcome=f"{outcome}（架空）",
            participants="海風市 課長、財団 部長（架空）",
            agreement=agreement,
        ),
        new_files=[paper],
        by=people.city,
        at=at(day),
    )


def confirmed_talk(people: People, *what: Any) -> Consultation:
    """Recorded by the city, confirmed by the foundation on the same day."""
    made = talk(people, *what)
    return actions.confirm(consultation=made, version=made.version, by=people.foundation, at=at(made.held_on))
