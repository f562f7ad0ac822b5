"""The invented accounts: a group without a sum of its own, an account that turns into a sum, a 内数, deposits."""

from typing import Any

from agreements.loading.demonstration.cast import SOURCE, People
from finance.models import Account, Purpose, Side
from iconm_portal.history import history
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear

_REVENUE: tuple[dict[str, Any], ...] = (
    {"code": "rent", "name": "施設利用料（架空）", "purpose": Purpose.RENT},
    {"code": "research-income", "name": "研究費（架空）", "purpose": Purpose.RESEARCH_INCOME},
    {
        "code": "indirect",
        "name": "研究間接費収入（架空）",
        "within": "research-income",
        "purpose": Purpose.INDIRECT_COST_INCOME,
    },
    {"code": "city", "name": "市負担金（架空）", "prints_subtotal": False},
    {"code": "startup", "name": "立ち上げ期間分", "parent": "city", "last_year": 2021, "measure": "startup"},
    {
        "code": "promotion",
        "name": "研究促進分",
        "parent": "city",
        "first_year": 2022,
        "measure": "promotion",
    },
    {"code": "other", "name": "その他（架空）"},
)
_EXPENDITURE: tuple[dict[str, Any], ...] = (
    {"code": "research", "name": "研究事業（架空）"},
    {"code": "operation", "name": "運営費（架空）"},
    {"code": "facilities", "name": "施設管理", "parent": "operation", "first_year": 2022},
    {
        "code": "support",
        "name": "研究支援",
        "parent": "operation",
        "first_year": 2022,
        "purpose": Purpose.RESEARCH_SUPPORT,
    },
)
_DEPOSITS = (
    (Side.DEPOSIT_RECEIVED, {"code": "deposits-received", "name": "預かり保証金 受入（架空）"}),
    (Side.DEPOSIT_REPAID, {"code": "deposits-repaid", "name": "預かり保証金 返還（架空）"}),
)


def load(center: Center, people: People) -> None:
    """The accounts in order of printing; no person enters them here, so their source is the demonstration."""
    measures = {measure.code: measure for measure in center.support_measures.all()}
    made: dict[str, Account] = {}
    sides = [(Side.REVENUE, one) for one in _REVENUE] + [(Side.EXPENDITURE, one) for one in _EXPENDITURE]
    for position, (side, what) in enumerate([*sides, *_DEPOSITS], 1):
        facts = dict(what)
        for name in ("parent", "within"):
            if name in facts:
                facts[name] = made[facts[name]]
        if "measure" in facts:
            facts["measure"] = measures[facts["measure"]]
        for name in ("first_year", "last_year"):
            if name in facts:
                facts[name] = FiscalYear(facts[name])
        account = Account(
            center=center,
            side=side,
            position=position,
            source=SOURCE.text,
            **{"first_year": FiscalYear(2019), **facts},
        )
        account.full_clean()
        account.save()
        made[account.code] = account
        history.record(
            by=SOURCE, action="account.add", subject=account, center=center, after={"name": account.name}
        )
