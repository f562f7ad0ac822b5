"""Units as they are written beside figures: what 千円 is in 円, and that 名 are 人. Pure; no Django."""

import unicodedata
from decimal import Decimal
from typing import Final, NamedTuple

_SCALES: Final = {
    "百": 10**2,
    "千": 10**3,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "億": 10**8,
    "十億": 10**9,
    "百億": 10**10,
    "千億": 10**11,
    "兆": 10**12,
}
_SAME: Final = {
    "名": "人",
    "圓": "円",
    "¥": "円",
    "ヶ所": "箇所",
    "ケ所": "箇所",
    "か所": "箇所",
    "カ所": "箇所",
    "ヵ所": "箇所",
    "個所": "箇所",
    "パーセント": "%",
}


class Unit(NamedTuple):
    """千円 is 1,000 of 円; 円 is 1 of itself."""

    scale: int
    base: str


def read_unit(text: str) -> Unit:
    """What a unit is made of. 百人 is 100 of 人; what begins with no scale is a unit of its own."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    scale = max((one for one in _SCALES if plain.startswith(one)), key=len, default="")
    base = plain[len(scale) :]
    return Unit(_SCALES.get(scale, 1), _SAME.get(base, base))


def whole_unit(text: str, own: str) -> str:
    """千 of a figure in 円 is 千円."""
    return text if read_unit(text).base else f"{text}{read_unit(own).base}"


def factor(written: str, wanted: str) -> Decimal | None:
    """By what figures in one unit become figures in the other; None where they are of different kinds (点, %)."""
    one, other = read_unit(written), read_unit(wanted)
    return Decimal(one.scale) / other.scale if one.base == other.base else None


def converted(value: Decimal, by: Decimal) -> Decimal:
    """The figure in another unit, exactly and without idle zeros."""
    product = value * by
    return product.quantize(Decimal(1)) if product == product.to_integral_value() else product.normalize()
