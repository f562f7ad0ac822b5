"""What the money has of what the agreements ask for: the year's settlement handed in, its budget decided."""

from collections.abc import Callable, Iterator
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from finance.models import Stage, Statement
from iconm_portal.models import Center, Side
from iconm_portal.standing import deeds
from iconm_portal.standing.deeds import Deed, DeedKind


def _statements(stage: Stage, answers: Side) -> Callable[[Center], Iterator[Deed]]:
    """The deeds of a stage. `answers`: who settles it, the city by its review, the foundation by its own decision."""

    def read(center: Center) -> Iterator[Deed]:
        handed_in = deeds.HandedIn(center, "statement")
        rows = Statement.objects.filter(center=center, stage=stage).select_related("center", "accepted_by")
        for year, of_year in groupby(rows.order_by("fiscal_year", "revision"), lambda row: row.fiscal_year):
            revisions = list(of_year)
            newest = next((row for row in reversed(revisions) if row.is_settled), revisions[-1])
            deed = deeds.of_review(
                revisions,
                year=year,
                name=revisions[0].history_label(),
                pages=(
                    _page(center, newest, "finance:statement"),
                    _page(center, newest, "finance:statement_entry"),
                ),
                answers=answers,
                handed_in=handed_in,
            )
            if deed is not None:
                yield deed

    return read


def _page(center: Center, row: Statement, name: str) -> str:
    kwargs = {"center": center.code, "year": row.fiscal_year, "stage": row.slug, "revision": row.revision}
    return reverse(name, kwargs=kwargs)


def _all(center: Center) -> str:
    return reverse("finance:statements", kwargs={"center": center.code})


KINDS = (
    DeedKind(
        "settlement",
        _("the year's settlement, handed in"),
        _statements(Stage.SETTLEMENT, Side.SUPPORTER),
        _all,
    ),
    DeedKind("budget", _("the year's budget, decided"), _statements(Stage.BUDGET, Side.OPERATOR), _all),
)
