"""Two people at once on any form: the second sees both versions, chooses on purpose, and loses nothing.

A form that edits what is stored joins `PAGES`, or says in `ELSEWHERE` why not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.test import Client

from agreements.consultations.forms import ConsultationForm
from agreements.duties import forms as duty_forms
from agreements.editions import forms as edition_forms
from agreements.instruments import forms as instrument_forms
from agreements.models import LimitRule, VerificationKind
from agreements.pages.master import forms as master_forms
from agreements.pages.master import part_forms
from agreements.support.forms import AmountForm
from agreements.verifications import actions as verification_actions
from agreements.verifications import forms as verification_forms
from finance.accounts.forms import AccountForm
from finance.statements import entry_forms as statement_entry
from iconm_portal.forms.edited import EditedForm, VersionedForm
from iconm_portal.forms.master_data import MasterDataForm
from iconm_portal.models import Center, User
from iconm_portal.people.forms import ChangePersonForm
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives.arrangement import forms as arrangement_forms
from kpi.initiatives.forms import YearForm, YearSheetForm
from kpi.initiatives.official_texts.forms import OfficialTextsForm
from kpi.models import Category, Measured
from kpi.papers.forms import PackForm
from kpi.register import forms as register_forms
from kpi.register.opening_balances import Scope
from kpi.reports import entry_forms as report_entry
from kpi.reports import forms as report_forms
from kpi.targets import next_plan_actions, next_plan_forms, next_plan_grid, next_plan_head
from kpi.targets.corrections.forms import CorrectionForm
from kpi.targets.forms import PastedForm, TargetsForm
from kpi.value_sources.actions import Balance, set_opening_balance
from kpi.value_sources.opening_views import OpeningForm
from kpi.value_sources.views import BasisForm
from tests.builders import initiatives, records
from tests.builders.agreements import (
    REPORT,
    make_agreement,
    make_edition,
    make_obligation,
    make_provision,
    store,
)
from tests.builders.corrections import draft_correction
from tests.builders.editions import make_amendment, make_annual_amendment, make_worded
from tests.builders.entry_pages import form_of
from tests.builders.finance import make_accounts
from tests.builders.official_texts import draft_official_texts
from tests.builders.packs import make_pack
from tests.builders.plans import TRIALS, make_plan
from tests.builders.proposals import make_target_draft
from tests.builders.support import make_criteria, make_measure, make_verification_obligation
from tests.days import AT, TODAY
from tests.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


@dataclass(frozen=True)
class Cast:
    center: Center
    city: User
    foundation: User
    administrator: User


@dataclass(frozen=True)
class Page:
    """Where something is edited, by whom, and a field with two texts for it."""

    url: str
    by: User
    name: str
    texts: tuple[str, str] = ("先の文", "後の文")
    also: dict[str, str] = field(default_factory=dict)  # what has to be sent with every save
    stands_on: str = ""  # the page of the form, where its address only takes what is sent


def category(cast: Cast) -> Page:
    records.make_category(cast.center, "lectures")
    return Page("/lab/master/categories/lectures/", cast.city, "name")


def record(cast: Cast) -> Page:
    made = records.make_record(records.make_category(cast.center, "lectures"), "講座")
    return Page(f"/lab/records/lectures/{made.number}/edit/", cast.foundation, "title")


def initiative(cast: Cast) -> Page:
    activity = initiatives.make_category(initiatives.make_scheme(cast.center)).initiatives.get()
    initiatives.make_year(activity, 2026, by=cast.foundation, plan="計画")
    return Page("/lab/initiatives/2026/main/funding/a0/", cast.foundation, "result")


def initiatives_of_year(cast: Cast) -> Page:
    activity = initiatives.make_category(initiatives.make_scheme(cast.center)).initiatives.get()
    initiatives.make_year(activity, 2026, by=cast.foundation, plan="計画")
    return Page("/lab/initiatives/2026/sheet/", cast.foundation, f"result-{activity.pk}")


def scheme(cast: Cast) -> Page:
    initiatives.make_scheme(cast.center)
    return Page("/lab/master/initiatives/main/", cast.city, "label")


def group(cast: Cast) -> Page:
    initiatives.make_category(initiatives.make_scheme(cast.center))
    return Page("/lab/master/initiatives/main/funding/", cast.foundation, "label")


def arranged_activity(cast: Cast) -> Page:
    initiatives.make_category(initiatives.make_scheme(cast.center))
    return Page("/lab/master/initiatives/main/funding/a0/", cast.city, "text")


def account(cast: Cast) -> Page:
    make_accounts(cast.center)
    return Page("/lab/finance/accounts/rent/", cast.city, "name")


def agreement(cast: Cast) -> Page:
    make_agreement(cast.center, code="draft", concluded=None)
    return Page("/lab/master/agreements/draft/", cast.city, "summary")


def obligation(cast: Cast) -> Page:
    made = make_obligation(make_agreement(cast.center, code="draft", concluded=None))
    return Page(f"/lab/master/agreements/draft/obligations/{made.code}/", cast.city, "title")


def party(cast: Cast) -> Page:
    make_agreement(cast.center, code="draft", concluded=None)
    return Page("/lab/master/agreements/draft/parties/supporter/", cast.city, "representative")


def measure(cast: Cast) -> Page:
    make_measure(make_agreement(cast.center, code="draft", concluded=None))
    return Page("/lab/master/agreements/draft/measures/grant/", cast.foundation, "conditions")


def summary(cast: Cast) -> Page:
    make_provision(make_edition(make_agreement(cast.center, code="draft", concluded=None)), "art3")
    return Page("/lab/master/agreements/draft/provisions/art3/", cast.foundation, "summary")


def pack(cast: Cast) -> Page:
    made = make_pack(cast.center, by=cast.city, as_of=TODAY, at=AT)
    return Page(f"/lab/packs/{made.number}/edit/", cast.city, "committee")


def targets(cast: Cast) -> Page:
    plan = make_plan(cast.center, years=(2024, 2027), targets={"patents": 5})
    made = make_target_draft(plan, {("patents", 2027): 12}, by=cast.city, talk=None)
    return Page(f"/lab/kpi/research/targets/{made.pk}/edit/", cast.city, "patents-2027", ("13", "15"))


def plan_correction(cast: Cast) -> Page:
    made = draft_correction(make_plan(cast.center), by=cast.city)
    return Page(f"/lab/kpi/research/corrections/{made.pk}/edit/", cast.city, "indicator-trials-significance")


def plan_head(cast: Cast) -> Page:
    plan = make_plan(cast.center, years=(2024, 2027))
    made = next_plan_actions.start(center=cast.center, previous=plan, by=cast.city, at=AT)
    return Page(f"/lab/kpi/next/{made.pk}/edit/", cast.city, "label")


def plan_line(cast: Cast) -> Page:
    plan = make_plan(cast.center, years=(2024, 2027))
    made = next_plan_actions.start(center=cast.center, previous=plan, by=cast.city, at=AT)
    return Page(f"/lab/kpi/next/{made.pk}/indicators/trials/", cast.city, "significance")


def plan_targets(cast: Cast) -> Page:
    plan = make_plan(cast.center, years=(2024, 2027))
    made = next_plan_actions.start(center=cast.center, previous=plan, by=cast.city, at=AT)
    return Page(f"/lab/kpi/next/{made.pk}/targets/", cast.city, "trials-2028", ("13", "15"))


def annual_amendment(cast: Cast) -> Page:
    draft = make_annual_amendment(cast.center, cast.city)
    return Page(f"/lab/agreements/support-2026/editions/{draft.number}/draft/", cast.city, "content")


def amended_obligation(cast: Cast) -> Page:
    first = make_worded(cast.center)
    make_obligation(first.agreement, REPORT, provision=first.provisions.get(key="art3/par1"))
    draft = make_amendment(first.agreement, cast.city)
    return Page(
        f"/lab/agreements/basic/editions/{draft.number}/obligations/report/",
        cast.city,
        "due_day",
        ("29", "30"),
        also={"outcome": "new_rule", "from_year": "2027", "due_month": "6", "due_year_offset": "1"},
    )


def amended_measure(cast: Cast) -> Page:
    first = make_worded(cast.center)
    make_measure(
        first.agreement,
        first_year=FiscalYear(2022),
        last_year=FiscalYear(2028),
        total=900_000_000,
        limit_rule=LimitRule.PERIOD_TOTAL,
        provision=first.provisions.get(key="art3/par1"),
    )
    draft = make_amendment(first.agreement, cast.city)
    return Page(
        f"/lab/agreements/basic/editions/{draft.number}/measures/grant/",
        cast.city,
        "total",
        ("1,000,000", "1,200,000"),
        also={"outcome": "new_terms"},
    )


def amendment(cast: Cast) -> Page:
    draft = make_amendment(make_worded(cast.center).agreement, cast.city)
    return Page(f"/lab/agreements/basic/editions/{draft.number}/draft/", cast.city, "reason")


def provision(cast: Cast) -> Page:
    draft = make_amendment(make_worded(cast.center).agreement, cast.city)
    url = f"/lab/agreements/basic/editions/{draft.number}/provisions/art3/par1/edit/"
    return Page(url, cast.city, "text")


def basis(cast: Cast) -> Page:
    Category.objects.create(center=cast.center, code="trials", name="治験", unit="件")
    make_plan(cast.center, indicators=[TRIALS])
    choices = ("category/trials/records", "category/trials/people")
    return Page("/lab/bases/research/trials/", cast.city, "basis", choices, also={"reason": "台帳から数える"})


def opening_balance(cast: Cast) -> Page:
    category = Category.objects.create(center=cast.center, code="trials", name="治験", unit="件")
    records.make_basis(make_plan(cast.center, indicators=[TRIALS]).indicators.get(), category)
    scope, balance = (
        Scope(category=category, measured=Measured.RECORDS),
        Balance(9, date(2021, 3, 31), "別紙"),
    )
    set_opening_balance(
        center=cast.center, scope=scope, balance=balance, seen=0, reason="", by=cast.city, at=AT
    )
    return Page("/lab/bases/research/trials/opening/", cast.foundation, "source", also={"reason": "確認した"})


def verification(cast: Cast) -> Page:
    make_verification_obligation(make_agreement(cast.center), VerificationKind.KPI)
    at = "/lab/verifications/kpi/2025/"
    return Page(f"{at}save/", cast.foundation, "result", stands_on=at)


def evaluation(cast: Cast) -> Page:
    make_verification_obligation(make_agreement(cast.center), VerificationKind.EFFECT)
    make_criteria(cast.center)
    at = "/lab/verifications/effect/2025/"
    return Page(f"{at}save/", cast.foundation, "result", stands_on=at)


def judgement(cast: Cast) -> Page:
    page = evaluation(cast)
    written = dict.fromkeys(cast.center.criteria.all(), "取り組んだ")
    row = verification_actions.save_draft(
        center=cast.center,
        kind=VerificationKind.EFFECT,
        fiscal_year=FiscalYear(2025),
        version=0,
        result="総括",
        self_assessments=written,
        by=cast.foundation,
        at=AT,
    )
    verification_actions.submit(verification=row, version=row.version, by=cast.foundation, at=AT)
    verification_actions.open_review(verification=row, version=row.version, by=cast.city, at=AT)
    return Page(f"{page.stands_on}judgement/", cast.city, "follow_up", stands_on=page.stands_on)


def official_texts(cast: Cast) -> Page:
    initiatives.make_category(initiatives.make_scheme(cast.center))
    made = draft_official_texts(cast.center, by=cast.city)
    return Page(f"/lab/official-texts/{made.pk}/edit/", cast.city, "document")


def duty_note(cast: Cast) -> Page:
    make_obligation(make_agreement(cast.center), REPORT)
    store(cast.center, 2026, by=cast.foundation)
    at = "/lab/calendar/2025/basic/report/"
    return Page(f"{at}save/", cast.foundation, "note", stands_on=at)


def person(cast: Cast) -> Page:
    return Page(f"/people/{cast.foundation.pk}/", cast.administrator, "name")


PAGES: dict[type[EditedForm], Callable[[Cast], Page]] = {
    ChangePersonForm: person,
    register_forms.CategoryForm: category,
    register_forms.RecordForm: record,
    arrangement_forms.SchemeForm: scheme,
    arrangement_forms.GroupForm: group,
    arrangement_forms.ActivityForm: arranged_activity,
    YearForm: initiative,
    YearSheetForm: initiatives_of_year,
    AccountForm: account,
    master_forms.AgreementForm: agreement,
    master_forms.ObligationForm: obligation,
    part_forms.PartyForm: party,
    part_forms.MeasureForm: measure,
    part_forms.SummaryForm: summary,
    PackForm: pack,
    TargetsForm: targets,
    CorrectionForm: plan_correction,
    OfficialTextsForm: official_texts,
    next_plan_head.HeadForm: plan_head,
    next_plan_forms.LineForm: plan_line,
    next_plan_grid.GridForm: plan_targets,
    edition_forms.AmendmentForm: amendment,
    edition_forms.AnnualAmendmentForm: annual_amendment,
    edition_forms.ObligationChangeForm: amended_obligation,
    edition_forms.MeasureChangeForm: amended_measure,
    edition_forms.ProvisionForm: provision,
    BasisForm: basis,
    OpeningForm: opening_balance,
    duty_forms.DocumentsForm: duty_note,
    verification_forms.ResultForm: verification,
    verification_forms.AssessmentForm: evaluation,
    verification_forms.JudgementForm: judgement,
}
ELSEWHERE: dict[type[EditedForm], str] = {
    verification_forms.VerdictForm: "the JudgementForm above, where it is settled",
    report_forms.StartForm: "test_entry_conflict, with the sheet",
    report_entry.LineForm: "test_entry_conflict",
    statement_entry.HeadForm: "test_statement_pages, with the sheet",
    statement_entry.RowForm: "test_statement_pages",
    ConsultationForm: "saved, it is before the other side and no longer edited: test_consultations",
    instrument_forms.AnnualForm: "likewise: test_annual_agreement",
    instrument_forms.ChangedConclusionForm: "likewise: test_agreement_conclusion",
    instrument_forms.CorrectedConclusionForm: "likewise: test_agreement_conclusion",
    edition_forms.NewProvisionForm: "nothing of it is stored yet",
    part_forms.NewSummaryForm: "nothing of it is stored yet",
    AmountForm: "nothing of it is stored yet",
    verification_forms.VerdictForm: "the judgement where it is settled",
    verification_forms.CorrectionForm: "of what is settled; whoever comes second is told: test_land_judgements",
    PastedForm: "others are made from it",
    VersionedForm: "others are made from it",
    MasterDataForm: "others are made from it",
}


def forms_from(base: type[EditedForm]) -> Iterator[type[EditedForm]]:
    for form in base.__subclasses__():
        if not form.__name__.startswith("_"):  # others are made from it
            yield form
        yield from forms_from(form)


def test_no_form_is_forgotten() -> None:
    assert set(forms_from(EditedForm)) == PAGES.keys() | ELSEWHERE.keys()


@pytest.fixture(params=PAGES.values(), ids=lambda make: make.__name__)
def edited(
    request: pytest.FixtureRequest,
    center: Center,
    city_staff: User,
    foundation_staff: User,
    administrator: User,
) -> Page:
    make: Callable[[Cast], Page] = request.param
    return make(Cast(center, city_staff, foundation_staff, administrator))


def opened(client: Client, edited: Page) -> dict[str, str]:
    return form_of(client.get(edited.stands_on or edited.url), holds=edited.name)


def test_the_second_chooses_on_purpose_and_loses_nothing(edited: Page) -> None:
    first, second = edited.texts
    one, other = client_of(edited.by), client_of(edited.by)
    theirs, mine = opened(one, edited), opened(other, edited)
    assert "original" in mine, "the page does not say what it was made from"
    assert one.post(edited.url, theirs | edited.also | {edited.name: first}).status_code == 302
    told = other.post(edited.url, mine | edited.also | {edited.name: second})
    for _turn in range(2):  # sent again without a choice, it is asked again
        assert told.status_code == 409
        assert opened(one, edited)[edited.name] == first
        again = form_of(told, holds=edited.name)
        assert again[edited.name] == second
        assert f"{edited.name}-choice" not in again
        assert 'value="stored"' in told.content.decode()
        assert told.content.decode().count('name="disputed"') == 1
        told = other.post(edited.url, again | edited.also)
    again = form_of(told, holds=edited.name) | edited.also
    assert other.post(edited.url, again | {f"{edited.name}-choice": "mine"}).status_code == 302
    assert opened(one, edited)[edited.name] == second


def test_what_is_saved_can_be_chosen_instead(edited: Page) -> None:
    one, other = client_of(edited.by), client_of(edited.by)
    theirs, mine = opened(one, edited), opened(other, edited)
    one.post(edited.url, theirs | edited.also | {edited.name: edited.texts[0]})
    told = other.post(edited.url, mine | edited.also | {edited.name: edited.texts[1]})
    again = form_of(told, holds=edited.name) | edited.also
    assert other.post(edited.url, again | {f"{edited.name}-choice": "stored"}).status_code == 302
    assert opened(one, edited)[edited.name] == edited.texts[0]


def test_a_page_on_which_nothing_was_typed_takes_nothing_back(edited: Page) -> None:
    one, other = client_of(edited.by), client_of(edited.by)
    theirs, mine = opened(one, edited), opened(other, edited)
    one.post(edited.url, theirs | edited.also | {edited.name: edited.texts[0]})
    told = other.post(edited.url, mine | edited.also)
    assert told.status_code == 409
    again = form_of(told, holds=edited.name)
    assert again[edited.name] == edited.texts[0]
    assert other.post(edited.url, again | edited.also).status_code == 302
    assert opened(one, edited)[edited.name] == edited.texts[0]
