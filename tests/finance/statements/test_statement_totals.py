"""The sums of a statement: counted once, and printed totals told apart into right, rounded and wrong."""

from hypothesis import given
from hypothesis import strategies as st

from finance.balance.totals import (
    BALANCE,
    EXPENDITURE,
    REVENUE,
    Standing,
    TotalCheck,
    TotalKey,
    Tree,
    check_all,
    computed_totals,
    excesses,
)
from finance.models import Account, RecordedUnit, Side, TotalOf

K = 1000
REVENUE_IN_ALL, RESEARCH, RUNNING, BUILDING, SUPPORT, INDIRECT = range(1, 7)


def an_account(key: int, side: Side = Side.EXPENDITURE, **fields: int | None) -> Account:
    return Account(pk=key, code=f"a{key}", name=f"科目{key}", position=key, side=side, **fields)


def r1_accounts(*, split: bool = True) -> list[Account]:
    """T2's accounts of R1; without `split` those of H30, where the running costs are a leaf."""
    found = [
        an_account(REVENUE_IN_ALL, Side.REVENUE),
        an_account(INDIRECT, Side.REVENUE, within_id=REVENUE_IN_ALL),
        an_account(RESEARCH),
        an_account(RUNNING),
    ]
    below = [an_account(BUILDING, parent_id=RUNNING), an_account(SUPPORT, parent_id=RUNNING)]
    return [*found, *below] if split else found


R1_LINES = {
    REVENUE_IN_ALL: 846_921 * K,
    RESEARCH: 394_574 * K,
    BUILDING: 189_699 * K,
    SUPPORT: 221_227 * K,
}
R1_PRINTED: dict[TotalKey, int] = {
    REVENUE: 846_921 * K,
    EXPENDITURE: 805_499 * K,
    BALANCE: 41_422 * K,
    (TotalOf.ACCOUNT, RUNNING): 410_926 * K,
}


def by_key(
    lines: dict[int, int], printed: dict[TotalKey, int], unit: RecordedUnit = RecordedUnit.THOUSAND
) -> dict[TotalKey, TotalCheck]:
    return {check.key: check for check in check_all(r1_accounts(), lines, printed, unit)}


def test_r1_of_the_report_is_explained_by_rounding() -> None:
    checks = by_key(R1_LINES, R1_PRINTED)
    spent = checks[EXPENDITURE]
    assert (spent.standing, spent.computed, spent.difference) == (Standing.ROUNDING, 805_500 * K, -1 * K)
    assert [part.amount for part in spent.parts] == [394_574 * K, 410_926 * K]
    others = {key: check.standing for key, check in checks.items() if key != EXPENDITURE}
    assert set(others.values()) == {Standing.EQUAL}


def test_two_parts_cannot_explain_a_difference_of_two() -> None:
    assert by_key(R1_LINES, R1_PRINTED | {EXPENDITURE: 805_498 * K})[EXPENDITURE].standing is Standing.WRONG


def test_whole_yen_were_not_rounded_so_nothing_is_explained() -> None:
    assert by_key(R1_LINES, R1_PRINTED, RecordedUnit.YEN)[EXPENDITURE].standing is Standing.WRONG


def test_what_was_not_recorded_is_not_a_zero() -> None:
    assert computed_totals(r1_accounts(), {})[REVENUE] is None
    assert computed_totals(r1_accounts(), {REVENUE_IN_ALL: 0})[REVENUE] == 0
    unfounded = by_key({}, {REVENUE: 5 * K})[REVENUE]
    assert (unfounded.standing, unfounded.computed, unfounded.difference) == (Standing.WRONG, None, None)
    assert by_key(R1_LINES, {})[EXPENDITURE].standing is Standing.NOT_PRINTED


def test_lines_stand_on_leaves_and_on_parts_of_them() -> None:
    tree = Tree.of([*r1_accounts(), an_account(9, Side.DEPOSIT_RECEIVED)])
    taking = {account.pk for account in tree.accounts if tree.takes_line(account)}
    assert taking == {REVENUE_IN_ALL, INDIRECT, RESEARCH, BUILDING, SUPPORT}
    before = Tree.of(r1_accounts(split=False))
    assert {account.pk for account in before.accounts if before.takes_line(account)} == {
        REVENUE_IN_ALL,
        INDIRECT,
        RESEARCH,
        RUNNING,
    }


def test_a_part_cannot_exceed_what_it_is_a_part_of() -> None:
    def over(whole: int | None, part: int) -> bool:
        lines = {INDIRECT: part} | ({} if whole is None else {REVENUE_IN_ALL: whole})
        return bool(excesses(r1_accounts(), lines, RecordedUnit.THOUSAND))

    assert not over(5 * K, 5 * K)
    assert over(5 * K, 6 * K)
    assert over(None, 1 * K)


# -- Properties --

AMOUNTS = st.integers(0, 10**12)


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[Account], dict[int, int]]:
    """Accounts of any shape, some of them 内数, and amounts on some of those that take a line."""
    accounts: list[Account] = []
    for key in range(1, draw(st.integers(1, 14)) + 1):
        above = draw(st.sampled_from([None, *(one for one in accounts if one.within_id is None)]))
        side = Side(above.side) if above else draw(st.sampled_from([Side.REVENUE, Side.EXPENDITURE]))
        kind = draw(st.sampled_from(["parent_id", "within_id"]))
        accounts.append(an_account(key, side, **({kind: above.pk} if above else {})))
    tree = Tree.of(accounts)
    lines = {
        account.pk: draw(AMOUNTS) for account in accounts if tree.takes_line(account) and draw(st.booleans())
    }
    return accounts, lines


@given(trees())
def test_totals_are_the_sum_of_what_they_claim_to_sum(made: tuple[list[Account], dict[int, int]]) -> None:
    accounts, lines = made
    by_id = {account.pk: account for account in accounts}
    totals = computed_totals(accounts, lines)

    def top(account: Account) -> list[int]:
        return [account.pk, *(top(by_id[account.parent_id]) if account.parent_id else [])]

    counted = {key: amount for key, amount in lines.items() if by_id[key].within_id is None}
    for of, side in ((TotalOf.REVENUE, Side.REVENUE), (TotalOf.EXPENDITURE, Side.EXPENDITURE)):
        assert (totals[of, None] or 0) == sum(a for key, a in counted.items() if by_id[key].side == side)
    assert (totals[BALANCE] or 0) == (totals[REVENUE] or 0) - (totals[EXPENDITURE] or 0)
    for (of, key), total in totals.items():
        if of == TotalOf.ACCOUNT:
            assert (total or 0) == sum(a for leaf, a in counted.items() if key in top(by_id[leaf]))


@given(trees())
def test_printing_what_is_computed_is_always_right(made: tuple[list[Account], dict[int, int]]) -> None:
    accounts, lines = made
    printed = {key: total for key, total in computed_totals(accounts, lines).items() if total is not None}
    checks = check_all(accounts, lines, printed, RecordedUnit.YEN)
    assert {check.standing for check in checks} <= {Standing.EQUAL, Standing.NOT_PRINTED}
    assert all(check.computed == printed.get(check.key) for check in checks if check.computed is not None)


@given(trees())
def test_rounding_each_figure_on_its_own_is_always_explained(
    made: tuple[list[Account], dict[int, int]],
) -> None:
    accounts, lines = made
    exact = computed_totals(accounts, lines)
    rounded = {key: (amount + 500) // K * K for key, amount in lines.items()}
    printed = {key: (total + 500) // K * K for key, total in exact.items() if total is not None}
    checks = check_all(accounts, rounded, printed, RecordedUnit.THOUSAND)
    assert not [check for check in checks if check.is_wrong]
