"""How busy and how bright the photo is inside a window, by summed-area tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from auratune.core.geometry import Box
from auratune.core.scene import DetailMap


class Detail:
    """Sums over a detail map, after F. C. Crow, Summed-Area Tables for Texture Mapping (1984)."""

    def __init__(self, detail: DetailMap) -> None:
        self._columns, self._rows = max(1, detail.columns), max(1, detail.rows)
        self._busyness = self._summed(detail.busyness)
        self._brightness = self._summed(detail.brightness)
        self._cells = detail.brightness

    def busyness(self, window: Box) -> float:
        """Mean busyness in a window, 0 to 1."""
        return self._mean(self._busyness, window)

    def brightness(self, window: Box) -> float:
        """Mean brightness in a window, 0 to 1."""
        return self._mean(self._brightness, window)

    def brightest(self, window: Box) -> float:
        """Brightness of the brightest cell that a window touches, 0 to 1."""
        left, top, right, bottom = self._span(window)
        return max(
            (value for row in range(top, bottom) for value in self._cells[row * self._columns :][left:right]),
            default=1.0,
        )

    def _summed(self, values: Sequence[float]) -> list[list[float]]:
        table = [[0.0] * (self._columns + 1)]
        for row in range(self._rows):
            sums = [0.0, *accumulate(values[row * self._columns : (row + 1) * self._columns])]
            sums += [sums[-1]] * (self._columns + 1 - len(sums))
            table.append([above + here for above, here in zip(table[-1], sums, strict=True)])
        return table

    def _span(self, window: Box) -> tuple[int, int, int, int]:
        left, right = _cells(window.left, window.right, self._columns)
        top, bottom = _cells(window.top, window.bottom, self._rows)
        return left, top, right, bottom

    def _mean(self, table: list[list[float]], window: Box) -> float:
        left, top, right, bottom = self._span(window)
        total = table[bottom][right] - table[top][right] - table[bottom][left] + table[top][left]
        return total / ((right - left) * (bottom - top))


def _cells(low: float, high: float, count: int) -> tuple[int, int]:
    """The cells that an interval covers for the greater part; at least one."""
    first = min(count - 1, max(0, round(low * count)))
    return first, min(count, max(first + 1, round(high * count)))
