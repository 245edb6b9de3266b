"""How numbers are written for a reader."""

import math

FEW_IMAGES = 30
"""A mean over fewer images than this moves visibly with each of them."""


def significant(value: float, digits: int) -> str:
    """A number with `digits` significant digits, never as a power of ten.

    >>> significant(1310.4, 3), significant(4.891, 3), significant(0.0002991, 3)
    ('1,310', '4.89', '0.000299')
    """
    places = digits - 1 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{value:,.{max(places, 0)}f}"


def thousands(number: float) -> str:
    """A number rounded to a whole one, with commas between the thousands.

    >>> thousands(12345), thousands(999.6)
    ('12,345', '1,000')
    """
    return f"{number:,.0f}"


def change(before: float, after: float, decimals: int = 2) -> str:
    """How a number changes, as the predicate of a sentence.

    >>> change(0.71, 0.734), change(0.71, 0.69), change(0.712, 0.708), change(float("nan"), 0.7)
    ('rises from 0.71 to 0.73', 'falls from 0.71 to 0.69', 'stays at 0.71', 'cannot be compared')
    """
    if math.isnan(before) or math.isnan(after):
        return "cannot be compared"
    first, second = f"{before:.{decimals}f}", f"{after:.{decimals}f}"
    if first == second:
        return f"stays at {first}"
    return f"{'rises' if after > before else 'falls'} from {first} to {second}"


def signed_number(value: float) -> str:
    """`−0.042` or `+0.042`.

    >>> signed_number(-0.0416), signed_number(0.0416), signed_number(-0.0001)
    ('−0.042', '+0.042', '0.000')
    """
    return f"{value:+.3f}".replace("-", "−") if round(value, 3) else "0.000"


def percent(share: float, decimals: int = 0) -> str:
    """A share in per cent with at most that many decimals, rounded neither to nothing nor to all.

    >>> percent(0.973), percent(0.002), percent(0.9999), percent(0), percent(0.0534, 1), percent(0.0004, 1)
    ('97 %', '< 1 %', '> 99 %', '0 %', '5.3 %', '< 0.1 %')
    """
    value, least = 100 * share, 10.0 ** -decimals
    if 0 < value < least / 2:
        return f"< {least:g} %"
    if 100 - least / 2 < value < 100:
        return f"> {100 - least:g} %"
    return f"{round(value, decimals):g} %"
