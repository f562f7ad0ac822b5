"""The form field of a value or a target."""

from decimal import Decimal
from typing import Any

from iconm_portal.values.fields import NumberFormField
from kpi.models import Indicator
from kpi.models.values import LARGEST
from kpi.plans.achievement import stored


class IndicatorField(NumberFormField):
    """A number in the indicator's display unit; refused where the indicator cannot have such a value."""

    def __init__(self, indicator: Indicator, **kwargs: Any) -> None:
        self.indicator = indicator
        largest = LARGEST / indicator.scale
        super().__init__(
            unit=indicator.unit,
            decimals=indicator.entry_decimals,
            minimum=-largest,
            maximum=largest,
            required=False,
            **kwargs,
        )

    def parse(self, typed: str) -> Decimal | None:
        value = super().parse(typed)
        if value is not None:
            self.refuse(stored(value, self.indicator.scale))
        return value

    def refuse(self, value: Decimal) -> None:
        """ValidationError for what cannot be, in base units."""
        self.indicator.refuse_outside(value)
