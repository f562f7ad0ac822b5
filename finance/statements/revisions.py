"""Settlements as things that others rest on (`iconm_portal/standing`)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.balance import totals
from finance.balance.totals import Tree
from finance.models import Account, Stage, Statement, TotalOf
from finance.statements import texts
from iconm_portal.display import template_tags
from iconm_portal.models import Center, ReviewState
from iconm_portal.standing.registry import Exhibit, Kind, Revision, Revisions, Seen
from iconm_portal.values.fiscal import FiscalYear

SETTLEMENT = "finance.settlement"
INDENT = "　"  # of an account below another one


def settlement_key(year: FiscalYear) -> str:
    return str(year.start)


def revision_of(statement: Statement) -> str:
    """As what rests on it keeps it: settlement-r2."""
    return f"{statement.stage}-r{statement.revision}"


def _statements(center: Center, keys: Collection[str]) -> list[Statement]:
    """The settled ones of these years, the best last; one query."""
    rows = Statement.objects.filter(
        center=center, state=ReviewState.ACCEPTED, stage=Stage.SETTLEMENT, known_from__isnull=False
    ).select_related("center", "accepted_by")
    found = [row for row in rows.order_by() if settlement_key(row.fiscal_year) in keys]
    return sorted(found, key=lambda row: row.revision)


def revision(
    row: Statement, *, value: str = "", value_text: str = "", figure: Decimal | None = None
) -> Revision:
    """A settled statement as what it is, and what it says where only that matters."""
    at = {"center": row.center.code, "year": row.fiscal_year, "stage": row.slug, "revision": row.revision}
    if row.known_from is None:
        raise ValueError(f"{row} is not settled")
    return Revision(
        revision=revision_of(row),
        label=texts.title(row),
        url=reverse("finance:statement", kwargs=at),
        known_from=row.known_from,
        by=row.accepted_by.name if row.accepted_by else row.source,
        reason=row.reason,
        value=value,
        value_text=value_text,
        figure=figure,
    )


def settlements(center: Center, keys: Collection[str]) -> Revisions:
    """By year; one query."""
    found: dict[str, list[Revision]] = defaultdict(list)
    for row in _statements(center, keys):
        found[settlement_key(row.fiscal_year)].append(revision(row))
    return found


def exhibits(center: Center, seen: Sequence[Seen], day: date) -> list[Exhibit]:
    """The figures of settlements as they were printed; four queries each. One without figures where there was nothing."""
    wanted = {(one.key, one.revision) for one in seen}
    rows = _statements(center, {one.key for one in seen if one.revision})
    return [
        *(Exhibit(_no_settlement(one.key), "", None) for one in seen if not one.revision),
        *(
            _exhibit(center, row)
            for row in rows
            if (settlement_key(row.fiscal_year), revision_of(row)) in wanted
        ),
    ]


def _exhibit(center: Center, row: Statement) -> Exhibit:
    """Its accounts in the order of printing, each side's total below them, and the balance."""
    year = row.fiscal_year
    tree = Tree.of(one for one in Account.objects.filter(center=center) if one.is_valid_in(year))
    lines = dict(row.lines.order_by().values_list("account_id", "amount"))
    printed = {(one.of, one.account_id): one.amount for one in row.totals.all()}
    checks = totals.check_all(tree.accounts, lines, printed, row.unit)
    shown = totals.computed_totals(tree.accounts, lines) | {check.key: check.shown for check in checks}
    said: list[tuple[str, str]] = []

    def add_account(account: Account, depth: int) -> None:
        amount = lines.get(account.pk, shown.get((TotalOf.ACCOUNT, account.pk)))
        said.append((INDENT * depth + account.name, texts.figure(amount, row.unit)))
        for below in tree.below(account):
            add_account(below, depth + 1)

    def add_total(of: TotalOf) -> None:
        said.append((str(of.label), texts.figure(shown.get((of, None)), row.unit)))

    for of, side in totals.SIDE_OF.items():
        for top in tree.tops(side):
            add_account(top, 0)
        add_total(of)
    add_total(TotalOf.BALANCE)
    what = revision(row)
    heads = (pgettext("money", "Account"), _("Amount (%(unit)s)") % {"unit": row.unit.label})
    return Exhibit(what.label, what.url, what.known_from, heads, tuple(said), settlement_key(year))


def _no_settlement(key: str) -> str:
    year = FiscalYear(int(key))
    return _("no settlement of %(year)s yet") % {"year": template_tags.fiscal_year(year)}


KINDS = (
    Kind(
        SETTLEMENT,
        settlements,
        of_year=lambda center, year: [settlement_key(year)],
        absent=_no_settlement,
        exhibits=exhibits,
    ),
)
