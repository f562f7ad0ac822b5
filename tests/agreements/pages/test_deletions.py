"""What nothing rests on yet is deleted, by the staff of either side; what something rests on says why it stays."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.models import (
    Agreement,
    ChronologyEntry,
    Edition,
    Obligation,
    Party,
    Provision,
    RequiredDocument,
    SupportMeasure,
)
from agreements.pages.master.deletions import actions, reasons
from agreements.pages.master.rows import fingerprint, naming
from iconm_portal.forms.refusals import Gone
from iconm_portal.models import Center, HistoryEvent, Side, User
from tests.agreements.pages.test_master_data import as_typed, send
from tests.builders.agreements import (
    REPORT,
    conclude,
    make_agreement,
    make_edition,
    make_obligation,
    make_provision,
    store,
)
from tests.builders.plans import make_plan, tokyo
from tests.builders.support import make_measure
from tests.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

DRAFT = "/lab/master/agreements/draft/"
PAGES = [DRAFT, f"{DRAFT}obligations/report/", f"{DRAFT}measures/grant/"]


@pytest.fixture
def client(city_staff: User) -> Client:
    client = client_of(city_staff)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def draft(center: Center, city_staff: User) -> Agreement:
    """With an article and what stands below it, an obligation and a measure tied to them, and a party."""
    return make_draft(center, city_staff)


def make_draft(center: Center, by: User | None, source: str = "") -> Agreement:
    made = make_agreement(center, code="draft", concluded=None, source=source, recorded_by=by)
    article = make_provision(make_edition(made), "art3")
    below = make_provision(article.edition, "art3/par1", parent=article)
    obligation = make_obligation(made, documents=2, source=source)
    Obligation.objects.filter(pk=obligation.pk).update(provision=below)
    measure = make_measure(made, source=source)
    SupportMeasure.objects.filter(pk=measure.pk).update(provision=article)
    Party.objects.create(agreement=made, side=Side.OPERATOR, name="架空財団")
    return made


def delete(client: Client, page: str) -> Any:
    """As somebody does it who has read the question."""
    asked = client.get(f"{page}delete/").context["asked"]
    return client.post(f"{page}delete/", {"seen": asked.seen})


def test_a_draft_goes_with_all_its_parts(client: Client, draft: Agreement) -> None:
    page = client.get(f"{DRAFT}delete/").content.decode()
    for name in ("報告", "架空財団", "2 summaries of provisions"):
        assert name in page
    answer = delete(client, DRAFT)
    assert answer["Location"] == "/lab/master/"
    for model in (Agreement, Edition, Obligation, Party, Provision, RequiredDocument, SupportMeasure):
        assert not model._base_manager.exists(), model
    assert sorted(HistoryEvent.objects.values_list("action", flat=True)) == [
        "agreement.delete",
        "obligation.delete",
        "provision.summarise",
        "support_measure.delete",
    ]
    event = HistoryEvent.objects.get(action="agreement.delete")
    assert (event.before["code"], event.before["operator"]["name"], event.after) == ("draft", "架空財団", {})
    assert client.get("/lab/master/").status_code == 200
    assert client.get(DRAFT).status_code == 404


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_part_goes_alone(client: Client, draft: Agreement, page: str) -> None:
    assert f'href="{page}delete/"' in client.get(page).content.decode()
    assert delete(client, page)["Location"] == DRAFT
    assert client.get(page).status_code == 404
    event = HistoryEvent.objects.get()
    assert event.before["code"] == page.rstrip("/").rpartition("/")[2]
    assert event.before["provision"] in ("art3", "art3/par1")
    assert Agreement.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_what_is_concluded_stays(
    client: Client, draft: Agreement, city_staff: User, foundation_staff: User, page: str
) -> None:
    seen = client.get(f"{page}delete/").context["asked"].seen
    conclude(draft, "2027-03-25", by=city_staff, confirmed_by=foundation_staff, at=tokyo(date(2027, 3, 25)))
    shown = client.get(f"{page}delete/").content.decode()
    assert "A conclusion of the agreement is recorded" in shown
    assert '<button class="button button--danger"' not in shown
    answer = client.post(f"{page}delete/", {"seen": seen})
    assert answer.status_code == 409
    assert "A conclusion of the agreement is recorded" in answer.content.decode()
    assert Obligation.objects.exists()
    assert SupportMeasure.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_what_comes_with_a_document_stays(client: Client, center: Center, page: str) -> None:
    make_draft(center, None, "T9")
    assert "It comes with a document, so it stays." in client.get(f"{page}delete/").content.decode()
    assert delete(client, page).status_code == 409


def test_what_rests_on_a_draft_is_named(client: Client, draft: Agreement, center: Center) -> None:
    make_agreement(center, code="below", concluded=None, parent=draft)
    ChronologyEntry.objects.create(
        center=center, code="begun", happened_on="2021", text="検討を始めた。", agreement=draft
    )
    make_plan(center, under=draft)
    assert f'href="{DRAFT}delete/"' in client.get(DRAFT).content.decode()
    said = client.get(f"{DRAFT}delete/").content.decode()
    for name in ("rests on it, so it stays", "another agreement", "an entry of the chronology", "a plan"):
        assert name in said
    assert delete(client, DRAFT).status_code == 409
    assert Agreement.objects.count() == 2


def test_what_rests_on_its_parts_keeps_the_whole(
    client: Client, draft: Agreement, center: Center, city_staff: User
) -> None:
    other = make_agreement(center, code="other", concluded=None)
    carried = make_measure(other, code="carried")
    SupportMeasure.objects.filter(pk=carried.pk).update(contract=draft)
    assert "a support measure" in reasons.of_agreement(draft)
    SupportMeasure.objects.filter(pk=carried.pk).update(contract=None)
    assert reasons.of_agreement(draft) == ""
    Edition.objects.filter(agreement=draft).update(imported_from="a.txt")
    assert "official wording" in reasons.of_agreement(draft)


def test_a_stored_duty_keeps_its_obligation(client: Client, center: Center, city_staff: User) -> None:
    make_obligation(make_agreement(center))
    store(center, 2026, by=city_staff)
    page = "/lab/master/agreements/basic/obligations/report/"
    assert "a stored duty" in client.get(page).content.decode()
    assert delete(client, page).status_code == 409
    assert Obligation.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_a_longer_agreement_asks_no_more_questions(client: Client, draft: Agreement, page: str) -> None:
    asked = []
    for number in range(2):
        make_obligation(draft, REPORT | {"code": f"more-{number}"}, documents=1, source="")
        make_measure(draft, code=f"more-{number}", source="")
        make_provision(draft.editions.get(), f"art{number + 10}")
        client.get(f"{page}delete/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{page}delete/")
        asked.append(len(queries))
    assert asked[0] == asked[1] < 60


def test_whoever_saw_less_deletes_nothing(client: Client, draft: Agreement) -> None:
    seen = client.get(f"{DRAFT}delete/").context["asked"].seen
    page = f"{DRAFT}obligations/report/"
    assert send(client, page, as_typed(client, page, title="別の題名")).status_code == 302
    assert client.post(f"{DRAFT}delete/", {"seen": seen}).status_code == 409
    assert client.post(f"{DRAFT}delete/").status_code == 409
    assert delete(client, DRAFT).status_code == 302


def test_whoever_comes_second_is_told(client: Client, draft: Agreement, foundation_staff: User) -> None:
    """The row was read before somebody else deleted it."""
    obligation, measure = draft.obligations.get(), draft.support_measures.get()
    party = as_typed(client, f"{DRAFT}parties/operator/") | {"address": "架空市1-1"}
    assert delete(client, DRAFT).status_code == 302
    with pytest.raises(Gone):
        actions.delete_agreement(agreement=draft, seen="", by=foundation_staff)
    with pytest.raises(Gone):
        actions.delete_obligation(obligation=obligation, seen="", by=foundation_staff)
    with pytest.raises(Gone):
        actions.delete_measure(measure=measure, seen="", by=foundation_staff)
    answer = client.post(f"{DRAFT}parties/operator/", party)
    assert answer.status_code == 404
    assert "架空市1-1" in answer.content.decode(), "what was typed is handed back"


def test_one_row_sent_twice_is_gone_the_second_time(client: Client, draft: Agreement) -> None:
    page = f"{DRAFT}measures/grant/"
    seen = client.get(f"{page}delete/").context["asked"].seen
    answers = [client.post(f"{page}delete/", {"seen": seen}).status_code for _once in range(2)]
    assert answers == [302, 404]
    assert HistoryEvent.objects.count() == 1


def test_nobody_else_deletes(draft: Agreement, city_viewer: User, foreign_city_staff: User) -> None:
    for person in (city_viewer, foreign_city_staff):
        with pytest.raises(PermissionDenied):
            actions.delete_agreement(agreement=draft, seen=fingerprint(actions.whole_state(draft)), by=person)


def test_every_table_that_may_rest_on_one_has_a_word() -> None:
    kept = (Agreement, Edition, Provision, Obligation, SupportMeasure)
    own = {RequiredDocument, Party, Provision}
    labels = {
        one.related_model._meta.label
        for model in kept
        for one in naming(model)
        if one.related_model not in own
    }
    assert labels <= set(reasons.WORDS)
    assert all(apps.get_model(label) for label in reasons.WORDS)


@pytest.mark.parametrize("model", [Obligation, SupportMeasure, Agreement])
def test_the_databases_keep_what_comes_with_a_document(center: Center, model: type[Any]) -> None:
    make_draft(center, None, "T9")
    with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
        model._base_manager.all()._raw_delete("default")
