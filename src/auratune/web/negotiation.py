"""What a client prefers, after RFC 9110, section 12.5."""

from __future__ import annotations


def prefers_html(accept: str) -> bool:
    """True only when `text/html` is named and outranks JSON; `*/*` and silence get JSON."""
    ranks = {"text/html": -1.0, "application/json": 0.0}
    wildcard = 0.0
    for kind, rank in _parts(accept):
        if kind in ranks:
            ranks[kind] = rank
        elif kind in {"*/*", "application/*"}:
            wildcard = max(wildcard, rank)
    json = ranks["application/json"] or wildcard
    return ranks["text/html"] > 0 and ranks["text/html"] > json


def ranked(accept: str) -> list[str]:
    """What a header such as Accept-Language names, in lower case, the most wanted first; without what is refused."""
    parts = sorted(_parts(accept), key=lambda part: -part[1])
    return [name for name, rank in parts if name and rank > 0]


def _parts(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        found.append((name, _rank(parameters)))
    return found


def _rank(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
