"""What an amendment has to say about the obligations that rest on what it changes, and whether it can be so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.editions.obligations import rules
from agreements.editions.provisions import as_read, lineage
from agreements.models import Edition, Obligation, ObligationChange, Outcome, Provision, Timing
from iconm_portal.display import template_tags
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed


@dataclass(frozen=True, slots=True)
class Resting:
    """An obligation of the agreement that is amended, and what the amendment says becomes of it, if it does."""

    obligation: Obligation
    is_asked: bool  # it rests on a provision that the amendment changes or takes out
    change: ObligationChange | None
    edition: int  # the amendment's number

    @property
    def is_open(self) -> bool:
        """Whether the amendment has to say it and does not yet."""
        return self.is_asked and self.change is None


def of(edition: Edition) -> list[Resting]:
    """The agreement's obligations, those on changed provisions first. A fixed number of queries."""
    if edition.based_on is None:
        return []
    changes = {
        change.obligation_id: change
        for change in edition.obligation_changes.select_related("obligation", "edition")
    }
    concerned = _concerned(edition)
    rows = rules.with_changes(Obligation.objects.filter(agreement=edition.agreement_id)).select_related(
        "provision", "agreement"
    )
    found = [
        Resting(row, row.pk in concerned, changes.get(row.pk), edition.number)
        for row in rows.order_by("position", "pk")
        if not _is_over(row, edition)
    ]
    return sorted(found, key=lambda one: not one.is_asked)


def _is_over(obligation: Obligation, edition: Edition) -> bool:
    """Whether it had ended, or was dropped, before the amendment takes effect."""
    if obligation.last_year is not None and obligation.last_year.last_day < edition.in_force_from:
        due = rules.rule_of(obligation, obligation.last_year, known_at=date.max).due(obligation.last_year)
        return due is None or due.on < edition.in_force_from
    dropped = [
        change
        for change in rules.settled_changes(obligation, known_at=date.max)
        if change.edition_id != edition.pk
    ]
    return bool(dropped) and dropped[-1].outcome == Outcome.DROPPED


def _concerned(edition: Edition) -> set[int]:
    """The obligations that rest on a provision which the amendment changes or takes out."""
    before = as_read.of(edition.based_on).provisions if edition.based_on else []
    touched = touched_provisions(before, as_read.of(edition).provisions)
    resting = obligations_by_provision(edition.agreement_id, before)
    return {obligation.pk for pk in touched for obligation in resting.get(pk, ())}


def touched_provisions(before: Sequence[Provision], after: Iterable[Provision]) -> set[int]:
    """The provisions of the edition before that say something else afterwards, or are gone, or stand over such."""
    rows = list(after)
    own = {row.pk: row for row in rows}
    old = {row.pk: row for row in before}
    continued = {row.continues_id: row for row in rows if row.continues_id}
    touched: set[int] = set()
    for row in before:
        now = continued.get(row.pk) or own.get(
            row.pk
        )  # what is only read from the edition before is that itself
        if now is None or (now.heading, now.text, now.summary) != (row.heading, row.text, row.summary):
            touched.add(row.pk)
    for row in rows:
        above = own.get(row.parent_id or 0)
        if row.continues_id is None and above is not None and above.continues_id:
            touched.add(above.continues_id)
    return touched | _above(touched, old) | _below(touched, before)


def _above(touched: Iterable[int], by_id: Mapping[int, Provision]) -> set[int]:
    found: set[int] = set()
    for pk in touched:
        here = by_id.get(pk)
        while here is not None and (above := by_id.get(here.parent_id or 0)) is not None:
            found.add(above.pk)
            here = above
    return found


def _below(touched: set[int], rows: Iterable[Provision]) -> set[int]:
    """What stands under a provision that changed itself; rows come in reading order."""
    found = set(touched)
    for row in rows:
        if row.parent_id in found:
            found.add(row.pk)
    return found


def obligations_by_provision(agreement: int, provisions: Sequence[Provision]) -> dict[int, list[Obligation]]:
    """The agreement's obligations by the provision of this edition that carries them on, through all amendments before
    it; two queries, one for a first edition."""
    meant: dict[int, list[Obligation]] = {}
    for obligation in Obligation.objects.filter(agreement=agreement, provision__isnull=False):
        meant.setdefault(obligation.provision_id or 0, []).append(obligation)
    is_amended = any(row.continues_id for row in provisions)
    known = lineage.load([agreement]) if is_amended else lineage.Lineage()
    return known.carried(provisions, meant)


# -- Whether it can be so --


def check(edition: Edition) -> None:
    """ValidationError where an obligation on a changed provision has no word, or one that the amendment's day forbids."""
    found = of(edition)
    missing = [one.obligation.title for one in found if one.is_open]
    if missing:
        raise ValidationError(
            _("Say first what becomes of the obligations that rest on what changes: %(names)s"),
            params={"names": listed(missing)},
        )
    for one in found:
        if one.change is not None:
            check_change(one.change, one.obligation)


def check_change(change: ObligationChange, obligation: Obligation) -> None:
    """ValidationError, by field, for a rule that is none, and for a year that was over before the amendment takes effect."""
    edition, year = change.edition, change.from_year
    if year is None:  # what stays; of everything else the database asks for one
        return
    outcome = Outcome(change.outcome)
    match outcome:
        case Outcome.UNCHANGED:
            return
        case Outcome.NEW_RULE:
            _check_rule(change, obligation, year)
            due = rules.rule_from(change).due(year)
        case Outcome.DROPPED:
            due = rules.rule_of(obligation, year, known_at=date.max).due(year)
        case _:
            assert_never(outcome)
    last = due.on if due else year.last_day
    if last < edition.in_force_from:
        field = "due_on" if change.due_on else "from_year"
        said = _("“%(title)s” for %(year)s was due before the amendment takes effect on %(day)s.")
        words = {
            "title": obligation.title,
            "year": template_tags.fiscal_year(year),
            "day": template_tags.era_date(edition.in_force_from),
        }
        raise ValidationError({field: said % words})


def _check_rule(change: ObligationChange, obligation: Obligation, year: FiscalYear) -> None:
    before = rules.rule_of(obligation, year, known_at=date.max)
    after = rules.rule_from(change)
    if not obligation.timing.has_programme:
        raise ValidationError(
            {"outcome": _("It has no due date. It stays as it is, or is no longer asked for.")}
        )
    if (change.due_month is None) != (change.due_day is None):
        raise ValidationError({"due_day": _("Give month and day, or neither.")})
    timing = Timing(obligation.timing)
    match timing:
        case Timing.ONCE:
            if change.due_on is None:
                raise ValidationError({"due_on": _("Give the new due date.")})
        case Timing.YEARLY:
            if change.due_month is None and before.month is None:
                raise ValidationError({"due_month": _("Give the new due date.")})
        case Timing.CONTINUOUS | Timing.ON_REQUEST:
            pass  # refused above
        case _:
            assert_never(timing)
    if after.due(year) == before.due(year) and before.edition != change.edition:
        raise ValidationError({"outcome": _("That is the rule that holds already. Say that it stays.")})
