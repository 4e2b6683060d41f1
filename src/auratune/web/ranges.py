"""The Range header after RFC 9110, section 14: which bytes of a file a client asks for."""

from __future__ import annotations

import re
from itertools import pairwise

_SPEC = re.compile(r"(\d{0,18})-(\d{0,18})")
_MAX_RANGES = 20


class Unsatisfiable(ValueError):
    """No part of what was asked for lies inside the file."""


def wanted_ranges(header: str, size: int) -> list[tuple[int, int]]:
    """Spans (start, end) with the end left out, in the order asked for; empty means the whole file.

    A header that cannot be understood counts as none, as the standard says. Overlapping or too many spans also give
    the whole file: they are how a small request is made to cost much. Raises `Unsatisfiable`.
    """
    unit, equals, specs = header.partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return []
    parts = [part.strip() for part in specs.split(",") if part.strip()]
    if not parts or len(parts) > _MAX_RANGES:
        return []
    spans: list[tuple[int, int]] = []
    for part in parts:
        match = _SPEC.fullmatch(part)
        if not match or part == "-":
            return []
        first, last = match.groups()
        if first and last and int(last) < int(first):
            return []
        start = int(first) if first else max(0, size - int(last))
        end = min(size, int(last) + 1) if first and last else size
        if start < end:
            spans.append((start, end))
    if not spans:
        raise Unsatisfiable
    return spans if _are_apart(spans) else []


def _are_apart(spans: list[tuple[int, int]]) -> bool:
    ordered = sorted(spans)
    return all(earlier[1] <= later[0] for earlier, later in pairwise(ordered))
