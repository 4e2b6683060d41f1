"""Whether a client prefers HTML to JSON, after RFC 9110, section 12.5.1."""

from __future__ import annotations


def prefers_html(accept: str) -> bool:
    """True only when `text/html` is named and outranks JSON; `*/*` and silence get JSON."""
    ranks = {"text/html": -1.0, "application/json": 0.0}
    wildcard = 0.0
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        rank = _rank(parameters)
        if kind in ranks:
            ranks[kind] = rank
        elif kind in {"*/*", "application/*"}:
            wildcard = max(wildcard, rank)
    json = ranks["application/json"] or wildcard
    return ranks["text/html"] > 0 and ranks["text/html"] > json


def _rank(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
