"""Small builders of official texts in the place of summaries, through the actions."""

from iconm_portal.models import Center, User
from kpi.initiatives.official_texts import actions
from kpi.initiatives.official_texts.official_texts import groups
from kpi.models import OfficialTextProposal
from tests.days import AT

DOCUMENT = "研究支援事業実施計画書（令和8年4月） 2(1)"


def texts_of(center: Center, text: str, *, group: int = 0) -> dict[str, str]:
    """One text for everything of a group, numbered."""
    return {item.field: f"{text}{number}" for number, item in enumerate(groups(center)[group].items, start=1)}


def draft_official_texts(
    center: Center, *, by: User, text: str = "正式な文言", group: int = 0
) -> OfficialTextProposal:
    """A draft for everything of a group."""
    return actions.start(
        center=center,
        scheme=groups(center)[group].scheme,
        document=DOCUMENT,
        texts=texts_of(center, text, group=group),
        by=by,
        at=AT,
    )


def propose_official_texts(
    center: Center, *, by: User, text: str = "正式な文言", group: int = 0
) -> OfficialTextProposal:
    """Put before the other side."""
    made = draft_official_texts(center, by=by, text=text, group=group)
    return actions.propose(proposal=made, version=made.version, by=by, at=AT)


def settle_official_texts(
    center: Center, *, by: User, other: User, text: str = "正式な文言", group: int = 0
) -> OfficialTextProposal:
    """Proposed by one side, confirmed by the other."""
    made = propose_official_texts(center, by=by, text=text, group=group)
    return actions.confirm(proposal=made, version=made.version, by=other, at=AT)


def make_official_texts(center: Center, *, city: User, foundation: User) -> None:
    """One in each state that a page can show: confirmed, proposed by the foundation, and a draft."""
    settle_official_texts(center, by=city, other=foundation)
    propose_official_texts(center, by=foundation, text="改めた文言")
    draft_official_texts(center, by=foundation, text="さらに改めた文言")
