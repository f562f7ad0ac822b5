"""An agreement in every state, with its ends, annual agreements and talks."""

from datetime import date
from typing import Any

from agreements.instruments import annual_actions, ending_actions
from agreements.instruments.actions import give_notice, record_conclusion
from agreements.loading.demonstration import consultations as talks
from agreements.loading.demonstration import facts
from agreements.loading.demonstration.cast import SOURCE, People, at
from agreements.loading.demonstration.consultations import confirmed_talk
from agreements.models import (
    Agreement,
    ChronologyEntry,
    ConsultationType,
    Edition,
    LimitRule,
    Obligation,
    Party,
    Post,
    Provision,
    ProvisionKind,
    RequiredDocument,
    SupportKind,
    SupportMeasure,
    Timing,
)
from iconm_portal.forms import files
from iconm_portal.history import history
from iconm_portal.models import Center, Side
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import FiscalYear


def load(center: Center, people: People) -> None:
    """An agreement in every state, with articles, parties, measures, annual agreements, talks, and a chronology."""
    made = {code: _agreement(center, code, fields) for code, fields in facts.AGREEMENTS.items()}
    for code, signed in facts.SIGNED.items():
        _conclude(made[code], signed, people)
    for side, name in ((Side.SUPPORTER, center.supporter.name), (Side.OPERATOR, center.operator.name)):
        Party.objects.bulk_create(
            Party(
                agreement=agreement,
                side=side,
                name=name,
                address="海風市みどり台1番地" if side == Side.SUPPORTER else "海風市みどり台2番地",
                representative_post="市長" if side == Side.SUPPORTER else "理事長",
                representative="（架空）",
            )
            for agreement in made.values()
        )
    _articles(made["basic"], facts.BASIC_ARTICLES)
    _articles(made["research"], facts.RESEARCH_ARTICLES)
    _measures(center, made)
    for position, title in enumerate(("センター長", "副センター長"), 1):
        Post.objects.create(
            center=center, code=f"post-{position}", position=position, title=title, source=SOURCE.text
        )
    talks.load(made, people)
    _annual_agreements(made["research"], people)
    _ends(made, people)
    for code, day, text in facts.CHRONOLOGY:
        ChronologyEntry.objects.create(
            center=center, code=code, happened_on=day, text=text, source=SOURCE.text
        )


def _agreement(center: Center, code: str, fields: dict[str, Any]) -> Agreement:
    above = {
        name: center.agreements.get(code=fields[name]) for name in ("parent", "replaces") if name in fields
    }
    agreement = Agreement(
        center=center,
        code=code,
        position=center.agreements.count() + 1,
        source=SOURCE.text,
        **(fields | above),
    )
    agreement.full_clean()
    agreement.save()
    history.record(by=SOURCE, action="agreement.add", subject=agreement, center=center, after={"code": code})
    return agreement


def _conclude(agreement: Agreement, signed: str, people: People) -> None:
    """With a scan where the day is known."""
    known = partial_date.last_day(signed)
    record_conclusion(
        agreement=agreement,
        concluded_on=signed,
        document_number="" if len(signed) < 10 else f"海風協{known.year}第{known.month}号（架空）",
        scan=None
        if len(signed) < 10
        else files.CheckedFile("署名済み協定書（架空）.txt", "text/plain", "署名済み（架空）\n".encode()),
        by=people.city,
        at=at(known),
    )


def _articles(agreement: Agreement, lines: list[Any]) -> None:
    edition = Edition.objects.create(
        agreement=agreement, number=1, in_force_from=agreement.starts_on, source=SOURCE.text
    )
    for position, (label, heading, summary, obligations) in enumerate(lines, 1):
        provision = Provision.objects.create(
            edition=edition,
            kind=ProvisionKind.ARTICLE,
            key=f"art{position}",
            position=position,
            label=label,
            heading=heading,
            summary=summary,
        )
        for code, title, bound, way, due in obligations:
            month, day, offset = due or (None, None, 0)
            obligation = Obligation(
                agreement=agreement,
                provision=provision,
                code=code,
                position=position,
                title=f"{title}（架空）",
                bound=bound,
                way=way,
                timing=Timing.YEARLY,
                due_month=month,
                due_day=day,
                due_year_offset=offset,
                source=SOURCE.text,
            )
            obligation.full_clean()
            obligation.save()
            RequiredDocument.objects.create(
                obligation=obligation, code="paper", position=1, name="書類一式（架空）"
            )


def _measures(center: Center, made: dict[str, Agreement]) -> None:
    for position, fields in enumerate(
        (
            {
                "agreement": made["basic"],
                "contract": made["land"],
                "code": "free-land",
                "kind": SupportKind.LAND,
                "title": "用地の無償貸付（架空）",
                "limit_rule": LimitRule.NONE,
            },
            {
                "agreement": made["research"],
                "code": "promotion",
                "kind": SupportKind.CONTRIBUTION,
                "title": "研究促進負担金（架空）",
                "limit_rule": LimitRule.ANNUAL_AGREEMENT,
            },
        ),
        1,
    ):
        measure = SupportMeasure(
            center=center, position=position, first_year=FiscalYear(2022), source=SOURCE.text, **fields
        )
        measure.full_clean()
        measure.save()


def _annual_agreements(research: Agreement, people: People) -> None:
    """The last two years' signed, the next year's proposed by the foundation."""
    for year in (2025, 2026, 2027):
        fiscal_year = FiscalYear(year)
        before = date(year, 2, 16) if year < 2027 else date(2026, 11, 16)
        made = annual_actions.propose(
            parent=research,
            fiscal_year=fiscal_year,
            terms=annual_actions.Terms(
                title=f"{fiscal_year.wareki}研究支援事業に関する年度協定書（架空）",
                short_title=f"年度協定（{fiscal_year.wareki}・架空）",
                starts_on=fiscal_year.first_day,
                ends_on=fiscal_year.last_day,
                contribution=60_000_000 + 2_000_000 * (year - 2025),
                content="研究支援の体制を保ち、事業化の相談を続ける（架空）。",
            ),
            by=people.foundation,
            at=at(before),
        )
        if year == 2027:
            continue
        annual_actions.confirm(agreement=made, version=1, by=people.city, at=at(date(year, 3, 2)))
        record_conclusion(
            agreement=made,
            concluded_on=fiscal_year.first_day.isoformat(),
            document_number=f"海風協{year}第1号（架空）",
            by=people.city,
            at=at(fiscal_year.first_day),
        )


def _ends(made: dict[str, Agreement], people: People) -> None:
    """A notice with a proposed ending; an ending agreed for the coming March; one that has come to pass."""
    give_notice(
        agreement=made["equipment"],
        given_on=date(2026, 9, 1),
        reason="機器の更新時期に合わせて終えたい（架空）",
        by=people.foundation,
        at=at(date(2026, 9, 1)),
    )
    for code, talked, last, answered in (
        ("publicity", date(2025, 6, 10), date(2025, 9, 30), date(2025, 7, 1)),
        ("visits", date(2026, 10, 2), date(2027, 3, 31), date(2026, 10, 15)),
        ("equipment", date(2026, 11, 4), date(2027, 3, 31), None),
    ):
        talk = confirmed_talk(
            people, made[code], ConsultationType.TERMINATE, talked, "協定の終了", "終わりの日に合意した"
        )
        ending = ending_actions.propose(
            agreement=made[code],
            ends_on=last,
            consultation=talk,
            reason="目的を果たした（架空）",
            by=people.foundation,
            at=at(talked),
        )
        if answered:
            ending_actions.confirm(ending=ending, version=ending.version, by=people.city, at=at(answered))
