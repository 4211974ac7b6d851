"""Confidence intervals of a share that was counted."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

from thesis.language import number, percent


def wilson(count: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """The Wilson interval of the share `count` / `total`; raises ValueError for what is no share."""
    _refuse(count, total)
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, shrunk = count / total, 1 + z * z / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low, high = (middle - half) / shrunk, (middle + half) / shrunk
    return 0.0 if count == 0 else low, 1.0 if count == total else high


def clopper_pearson(count: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of the share `count` / `total`; raises ValueError for what is no share.

    Its limits are the shares under which so many or more, and so few or fewer, come up with
    half of what `level` leaves.
    """
    _refuse(count, total)
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else _share_where(lambda share: _at_least(count, total, share) >= tail)
    high = 1.0 if count == total else _share_where(lambda share: _at_least(count + 1, total, share) >= 1 - tail)
    return low, high


def interval_text(count: int, total: int, language: str) -> str:
    """The Wilson interval at 95 per cent for a reader: “41–62%”."""
    low, high = wilson(count, total)
    return f"{number(100 * low, language)}–{percent(high, language)}"


def _refuse(count: int, total: int) -> None:
    if not 0 <= count <= total or total == 0:
        raise ValueError(f"{count} of {total} is no share")


def _at_least(count: int, total: int, share: float) -> float:
    """The probability of `count` or more of `total` when each comes up with probability `share`."""
    return math.fsum(
        math.comb(total, some) * share**some * (1 - share) ** (total - some) for some in range(count, total + 1)
    )


def _share_where(reached: Callable[[float], bool]) -> float:
    """The least share at which a probability that rises with it is reached, as near as a number can be."""
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
