"""The report's agreements in the database: once, never overwritten, each row with its source and its history."""

from datetime import date

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Sum

from agreements.loading import reference
from agreements.models import (
    Agreement,
    AmountStage,
    Bound,
    ChronologyEntry,
    Conclusion,
    Criterion,
    Edition,
    Obligation,
    Party,
    Post,
    Provision,
    RequiredDocument,
    SupportAmount,
    SupportMeasure,
    Timing,
    Way,
)
from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.imports.reference_files import Loader, LoadResult
from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db


def load(center: Center) -> LoadResult:
    loader = Loader(center)
    loader.load(reference.FOLDER, reference.TABLES)
    return loader.result


@pytest.fixture
def loaded(center: Center) -> LoadResult:
    return load(center)


def counts() -> dict[str, int]:
    return {
        model.__name__: model._default_manager.count()
        for model in apps.get_app_config("agreements").get_models()
    }


def test_how_much_there_is(loaded: LoadResult) -> None:
    held = {name: number for name, number in counts().items() if number}
    assert held == {
        "Agreement": 5,
        "Party": 4,
        "Post": 2,
        "Conclusion": 2,
        "Edition": 2,
        "Provision": 85,
        "Obligation": 41,
        "RequiredDocument": 12,
        "SupportMeasure": 6,
        "SupportAmount": 9,
        "Criterion": 5,
        "ChronologyEntry": 7,
        "ReportedFact": 14,
    }
    assert (loaded.added, loaded.identical, loaded.differing) == (sum(held.values()), 0, [])


def test_second_load_changes_nothing(center: Center, loaded: LoadResult) -> None:
    before = counts(), HistoryEvent.objects.count()
    again = load(center)
    assert (again.added, again.identical, again.differing) == (0, loaded.added, [])
    assert (counts(), HistoryEvent.objects.count()) == before


CHANGES: list[tuple[type[models.Model], dict[str, str], str, object]] = [
    (Agreement, {"code": "support-r4"}, "review_on", date(2027, 3, 31)),
    (Party, {"agreement__code": "basic-r4", "side": "operator"}, "representative", "別 人"),
    (Post, {"code": "director"}, "title", "所長"),
    (Edition, {"agreement__code": "basic-r4"}, "in_force_from", date(2022, 5, 1)),
    (Provision, {"edition__agreement__code": "basic-r4", "key": "art8/par2"}, "summary", "別の要約。"),
    (Obligation, {"code": "yearly-report"}, "due_month", 7),
    (RequiredDocument, {"code": "budget"}, "name", "予算書"),
    (SupportMeasure, {"code": "startup-contribution"}, "total", 890_000_000),
    (Criterion, {"code": "pupils"}, "label", "学生"),
    (ChronologyEntry, {"code": "opening"}, "happened_on", "2015-05"),
]


def test_what_differs_is_reported_and_kept(center: Center, loaded: LoadResult) -> None:
    changed = []
    for model, key, field, value in CHANGES:
        row = model._default_manager.get(**key)
        setattr(row, field, value)
        with no_guards():  # as an earlier version of the portal, or of the report's facts, may have left it
            row.save()
        changed.append(row)
    again = load(center)
    assert (again.added, len(again.differing)) == (0, len(CHANGES))
    for row, (model, _key, field, value) in zip(changed, CHANGES, strict=True):
        row.refresh_from_db()
        assert getattr(row, field) == value
        (difference,) = (line for line in again.differing if line.startswith(f"agreements.{model.__name__} "))
        assert f"{field}: {value!s} ≠ " in difference


def test_a_row_taken_away_comes_back(center: Center, loaded: LoadResult) -> None:
    with no_guards():  # as an earlier version of the portal let it go
        Criterion.objects.get(code="pupils").delete()
    again = load(center)
    assert (again.added, again.identical) == (1, loaded.added - 1)


def test_a_later_revision_of_an_amount_stands(center: Center, loaded: LoadResult) -> None:
    measure = SupportMeasure.objects.get(code="promotion-r1")
    SupportAmount.objects.create(
        measure=measure,
        fiscal_year=FiscalYear(2021),
        stage=AmountStage.BUDGET,
        revision=2,
        amount=105_000_000,
        known_from=date(2022, 2, 1),
        reason="補正",
        source="補正予算",
    )
    assert load(center).differing == []
    assert measure.amounts.filter(fiscal_year=FiscalYear(2021)).count() == 2


def test_each_center_has_its_own(loaded: LoadResult, foreign_center: Center) -> None:
    again = load(foreign_center)
    assert (again.added, again.differing) == (loaded.added, [])
    parents = Agreement.objects.filter(center=foreign_center).exclude(parent=None)
    assert {agreement.parent.center for agreement in parents if agreement.parent} == {foreign_center}


def test_nothing_stays_when_something_fails(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_event: object) -> None:
        if _event["action"] == "chronology.add":
            raise RuntimeError("the history cannot be written")

    monkeypatch.setattr(history, "record", fail)
    with pytest.raises(RuntimeError):
        load(center)
    assert set(counts().values()) == {0}


# -- What is loaded --


def test_a_source_stands_where_a_person_would(loaded: LoadResult) -> None:
    assert not User.objects.exists()
    for model in (Agreement, Conclusion, Edition, Obligation, SupportMeasure, SupportAmount):
        assert not model._default_manager.filter(source="").exists(), model
    assert not HistoryEvent.objects.exclude(actor="").exists()


def test_every_row_has_its_event(center: Center, loaded: LoadResult) -> None:
    """One event each; an edition's speaks for its provisions."""
    events = HistoryEvent.objects.filter(center=center.code)
    assert events.count() == loaded.added - Provision.objects.count()
    subject = "agreements.agreement/lab/basic-r4/obligations/yearly-report"
    assert events.filter(subject=subject, action="required_document.add").count() == 2
    event = events.get(subject=subject, action="obligation.add")
    assert event.source == "T9-BA"
    assert (event.after["due_month"], event.after["due_day"]) == ("5", "31")


def test_the_drafts_and_the_contract_are_not_concluded(loaded: LoadResult) -> None:
    unsigned = Agreement.objects.filter(conclusions=None).values_list("code", flat=True)
    assert list(unsigned) == ["basic-r4", "support-r4", "land-r4"]
    assert not Edition.objects.exclude(state="draft").exists()


def test_provisions_form_a_tree_in_our_own_words(loaded: LoadResult) -> None:
    fourth = Provision.objects.get(edition__agreement__code="support-r4", key="art2/par1/item4")
    assert [child.label for child in fourth.children.all()] == ["ア", "イ", "ウ", "エ"]
    article = Provision.objects.get(edition=fourth.edition, key="art2")
    assert (article.heading, article.parent) == ("研究支援事業の定義", None)
    assert fourth.parent == article.children.get()
    assert not Provision.objects.exclude(text="").exists()
    assert (
        not Provision.objects.filter(parent__isnull=False)
        .exclude(edition=models.F("parent__edition"))
        .exists()
    )


def test_an_obligation_points_at_the_provision_of_its_own_agreement(loaded: LoadResult) -> None:
    """But the yearly 効果検証: no article asks for it, section 6(1)b of the report does."""
    (effect,) = Obligation.objects.filter(provision=None)
    assert (effect.code, effect.verification, effect.source) == ("effect-verification", "effect", "T8-6-1-b")
    with_article = Obligation.objects.exclude(provision=None)
    assert not with_article.exclude(agreement=models.F("provision__edition__agreement")).exists()
    draft = Obligation.objects.get(code="next-year-draft")
    assert (draft.bound, draft.way, draft.timing) == (Bound.OPERATOR, Way.OPERATOR_DECIDES, Timing.YEARLY)
    assert (draft.due_month, draft.due_day, draft.due_year_offset) == (8, 31, -1)


def test_the_review_falls_due_once(loaded: LoadResult) -> None:
    review = Obligation.objects.get(code="review-at-term")
    assert (review.timing, review.due_on) == (Timing.ONCE, date(2026, 3, 31))
    assert review.agreement.review_on == review.due_on
    assert review.agreement.ends_on is None


def test_amounts_are_whole_yen(loaded: LoadResult) -> None:
    startup = SupportMeasure.objects.get(code="startup-contribution")
    assert startup.total == 900_000_000
    assert startup.amounts.aggregate(sum=Sum("amount"))["sum"] == 890_000_000
    assert not startup.amounts.filter(fiscal_year=FiscalYear(2021)).exists()
    budget = SupportAmount.objects.get(measure__code="promotion-r1", stage=AmountStage.BUDGET)
    assert (budget.fiscal_year, budget.amount) == (FiscalYear(2021), 110_000_000)


# -- After an official wording was imported --


def test_an_imported_edition_is_not_completed_by_the_file(center: Center, loaded: LoadResult) -> None:
    """Nothing is added to an official text, and its own numbers and order are no difference."""
    edition = Edition.objects.get(agreement__code="basic-r4")
    edition.provisions.get(key="art14/par1").delete()
    edition.provisions.filter(key="art1").update(label="第１条", position=200, text="官報の文。")
    Edition.objects.filter(pk=edition.pk).update(
        state="confirmed", known_from=date(2022, 4, 1), source="T9-BA"
    )
    again = load(center)
    assert again.added == 0
    assert again.differing == ["agreements.Provision basic-r4/art14/par1: not in the edition's wording"]


def test_an_official_wording_keeps_the_events_to_the_loading(loaded: LoadResult) -> None:
    event = HistoryEvent.objects.get(subject="agreements.agreement/lab/support-r4/editions/1")
    assert event.after == {"in_force_from": "2022-04-01", "provisions": 35}
    assert event.source == Source("T9-RS").text
