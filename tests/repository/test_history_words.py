"""Whatever stands in the history has a word: every action that the code can record is listed here, and has its verb.

The fields and values of each row that any test leaves are looked at by `tests/history_words.py`.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from iconm_portal.history import texts
from iconm_portal.models import HistoryEvent, Role, Side
from iconm_portal.settlement.steps import TABLES
from kpi.models import Measured
from kpi.papers.sections import SECTIONS
from tests.history_words import wordless
from tests.repository.test_enumerations import constants, nodes

ACTION = re.compile(r"([a-z_]+\.)?([a-z_]+)")
NOT_RECORDED = {"store_true"}
"""What argparse calls an action."""


def recorded() -> Iterator[str]:
    """The verb of each action that is handed to whatever records, and of each step of a table."""
    for module, node in nodes():
        if not isinstance(node, ast.Call):
            continue
        handed = [word.value for word in node.keywords if word.arg in ("action", "recorded")]
        called = ast.unparse(node.func).rpartition(".")[2].lstrip("_")
        if called in ("record", "remember"):
            handed += [one for one in node.args if isinstance(one, ast.Constant | ast.IfExp)]
        for one in handed:
            if isinstance(one, ast.Name):
                one = constants(module).get(one.id, one)
            for part in ast.walk(one):
                text = part.value if isinstance(part, ast.Constant) else None
                if isinstance(text, str) and text not in NOT_RECORDED and (found := ACTION.fullmatch(text)):
                    yield found[2]
    for table in TABLES:
        for step in table.steps:
            if step.recorded == "":
                yield step.name


def test_every_action_has_its_verb() -> None:
    assert len(set(recorded())) > 40
    assert {verb for verb in recorded() if verb not in texts.VERBS} == set()


def test_a_code_without_a_word_is_noticed() -> None:
    """The control: what nobody named is found."""
    after = {"role": str(Role.STAFF), "novelty": "x", "reason": str(Side.OPERATOR)}
    event = HistoryEvent(subject="portal.user/x", action="person.vanish", before={}, after=after)
    assert list(wordless(event)) == [
        "person.vanish: the action has no verb",
        "person.vanish: the field novelty has no name",
        "person.vanish: operator under reason has no word",
    ]


def said(action: str, subject: str, before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, ...]]:
    event = HistoryEvent(subject=subject, action=action, before=before, after=after)
    return [(change.label, change.before, change.after) for change in texts.changes(event)]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", [("財団（乙） / 代表者", "三浦 淳", "")]),
        ("en", [("Operator (foundation) / Representative", "三浦 淳", "")]),
    ],
)
def test_a_side_is_called_as_on_the_pages(language: str, words: list[tuple[str, ...]]) -> None:
    with translation.override(language):
        was, now = {"operator": {"representative": "三浦 淳"}}, {"operator": {"representative": ""}}
        assert said("party.set", "agreements.agreement/lab/basic", was, now) == words


@pytest.mark.parametrize("year", [2025, "2025", "令和7年度"])
def test_a_fiscal_year_is_counted_as_the_reader_counts(year: object) -> None:
    for language, word in (("ja", "令和7年度"), ("en", "FY2025")):
        with translation.override(language):
            ((_label, _before, after),) = said("pack.save", "kpi.pack/lab/1", {}, {"fiscal_year": year})
            assert after == word


def test_years_are_named_as_fields_and_before_targets() -> None:
    with translation.override("ja"):
        proposed = said("target_proposal.save", "kpi.target_proposal/x", {}, {"media": {"2026": "240"}})
        assert proposed == [("media / 令和8年度", "", "240")]
        drafted = said("plan_proposal.save", "kpi.plan_proposal/x", {}, {"targets": "2027: 11, 2028: 12"})
        assert [after for _label, _before, after in drafted] == ["令和9年度 11、令和10年度 12"]


def test_days_known_to_the_month_are_days_too() -> None:
    with translation.override("ja"):
        events = said("chronology.add", "portal.center/lab", {}, {"happened_on": "2019-03"})
        assert [after for _label, _before, after in events] == ["平成31年3月"]


def test_sections_and_sources_have_their_titles() -> None:
    for section in SECTIONS:
        after = {"sections": [{"key": section.key, "comment": ""}]}
        assert [one[2] for one in said("pack.save", "kpi.pack/lab/1", {}, after)] == [section.title]
    for measured in Measured:
        after = {"basis": f"category/patents/{measured}"}
        ((_label, _before, word),) = said("basis.change", "kpi.basis/lab/x", {}, after)
        assert word.endswith(str(measured.label))
