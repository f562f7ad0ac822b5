"""Whole lives of centers that a seed makes, looked at on random days between two steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from iconm_portal.models import Center, Role, User
from tests.generated.chronicle import Chronicle
from tests.generated.reading import FalseSentence, Readers, mails_of_the_night
from tests.people import make_center, make_organisation, make_person

FIRST, LAST = date(2016, 2, 1), date(2026, 12, 31)


def staff_and_viewer(center: Center) -> dict[str, User]:
    """The people who write the history, and one who only looks; their names are the same at every center."""
    operator, supporter = center.operator, center.supporter
    roles = {
        "foundation-staff": (operator, Role.STAFF),
        "city-staff": (supporter, Role.STAFF),
        "city-viewer": (supporter, Role.VIEWER),
    }
    return {
        name: make_person(f"{center.code}-{name}", organisation, role, name=f"名前 {name}")
        for name, (organisation, role) in roles.items()
    }


def two_centers() -> list[Center]:
    """Of which neither has to do with the other, so that nothing of the one may stand on a page of the other."""
    return [
        make_center(code, make_organisation(f"{code}-city"), make_organisation(f"{code}-foundation"))
        for code in ("lab", "works")
    ]


@dataclass(frozen=True, slots=True)
class Life:
    """A center's history and those who read its pages."""

    chronicle: Chronicle
    readers: Readers


def begin(seed: int, centers: Sequence[Center], random: Random, *, thorough: bool = False) -> list[Life]:
    """A life for each center. At one of two, or with one seed of two, the basic agreement ends by consent."""
    lives = []
    for number, center in enumerate(centers):
        people = staff_and_viewer(center)
        chronicle = Chronicle(
            center,
            foundation=people["foundation-staff"],
            city=people["city-staff"],
            seed=seed,
            ends=(seed + number) % 2 == 0,
        )
        lives.append(Life(chronicle, Readers(center.code, people, random, thorough)))
    return lives


def false_sentences(
    seed: int, centers: Sequence[Center], *, days: int, thorough: bool = False
) -> Iterator[FalseSentence]:
    """Everything false that the pages of the lives say on so many days, the last of all with them."""
    random = Random(seed)
    lives = begin(seed, centers, random, thorough=thorough)
    between = sorted(random.sample(range((LAST - FIRST).days), days - 1))
    for today in [*(FIRST + timedelta(days=number) for number in between), LAST]:
        for life in lives:
            life.chronicle.until(today)
        sent = mails_of_the_night(today)
        for life in lives:
            yield from life.readers.read_mails(life.chronicle.log, sent, seed=seed, today=today)
            earlier = FIRST + timedelta(days=random.randrange((today - FIRST).days or 1))
            log = life.chronicle.log
            yield from life.readers.read(log, seed=seed, today=today)
            yield from life.readers.read(log, seed=seed, today=today, known_on=earlier)
            yield from life.readers.read_feeds(log, seed=seed, today=today)
            for day in (today, earlier):
                yield from life.readers.read_papers(log, seed=seed, today=today, day=day)
