"""Which judgement of the city decides, on a day and as known on a day, whether a piece of land may be used free of charge.

The free use ends on three grounds: with the basic agreement, by a judgement that the foundation does not perform it
(basic agreement, Art. 11(3)), or by the yearly evaluation of effects (report, 6(1)b). This is about the two that the city
judges; `grants.py` puts all three together. Pure but for `load`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agreements.models import LandGround, LandJudgement, Verification
from iconm_portal.models import Center


@dataclass(frozen=True)
class Judgements:
    """The city's judgements on the land as known on a day: those that were not corrected by then, oldest first."""

    standing: tuple[LandJudgement, ...] = ()

    def deciding(self, grant: str, ground: LandGround, day: date) -> LandJudgement | None:
        """The one that decides on the day about the grant of that key: the last to have taken effect.

        A later judgement holds from its day of effect on, whatever an earlier one said of the days after it. A negative
        one decides only about the grants that it names.
        """
        for one in reversed(self.standing):
            is_about_it = one.is_free or grant in one.takes
            if one.ground == ground and one.takes_effect_on <= day and is_about_it:
                return one
        return None

    def negative(self, grant: str, ground: LandGround, day: date) -> LandJudgement | None:
        """The one by which the grant is no longer free on the day, or will not be from a later day on.

        One that only says again what holds already takes nothing: the first of several in a row took it.
        """
        now = self.deciding(grant, ground, day)
        if now is None or now.is_free:
            coming = sorted(one.takes_effect_on for one in self.standing if one.takes_effect_on > day)
            later = (self.deciding(grant, ground, effect) for effect in coming)
            now = next((one for one in later if one is not None and not one.is_free), None)
        while now is not None:
            before = self.deciding(grant, ground, now.takes_effect_on - timedelta(days=1))
            if before is None or before.is_free:
                break
            now = before
        return now

    def of(self, verification: Verification) -> LandJudgement | None:
        """The one that holds of the year's evaluation of effects."""
        return next((one for one in self.standing if one.verification_id == verification.pk), None)

    def last(self, ground: LandGround) -> LandJudgement | None:
        """The last one on that ground, whether it has taken effect or not."""
        return next((one for one in reversed(self.standing) if one.ground == ground), None)


def known(judgements: Iterable[LandJudgement], known_at: date) -> Judgements:
    """As known at the end of the day; a correction stands in the place of what it corrects."""
    by_then = [one for one in judgements if one.known_from <= known_at]
    corrected = {one.replaces_id for one in by_then}
    standing = [one for one in by_then if one.pk not in corrected]
    return Judgements(tuple(sorted(standing, key=lambda one: (one.first.known_from, one.first.pk))))


def load(center: Center, *, known_at: date) -> Judgements:
    """The center's, as known at the end of the day; one query."""
    return known(all_of(center), known_at)


def all_of(center: Center) -> Sequence[LandJudgement]:
    """Every one ever given, oldest first, with what it corrects at hand; one query."""
    rows = list(
        LandJudgement.objects.filter(center=center).select_related("recorded_by", "verification", "agreement")
    )
    by_key = {row.pk: row for row in rows}
    for row in rows:
        row.replaces = by_key.get(row.replaces_id or 0)
    return rows
