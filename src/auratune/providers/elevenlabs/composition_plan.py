"""A brief as ElevenLabs' composition plan: parts that last exactly as long as the film, with our lyrics in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auratune.core.treatment import MusicBrief

SHORTEST_PART_MS = 3000
_MOST_LINES = 29
"""The vendor counts 30, the section's mark among them."""
_MOST_LINE_CHARACTERS = 200
_PLAYED_PARTS = (("Intro", 1.0), ("Build", 2.0), ("Theme", 2.5), ("Outro", 1.0))
_MOST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the song."""

    name: str
    lines: tuple[str, ...]
    length_ms: int
    styles: tuple[str, ...]


def parts_of(brief: MusicBrief) -> tuple[Part, ...]:
    """The song's sections in order; their lengths add up to the film's length to the millisecond."""
    total_ms = round(brief.length_seconds * 1000)
    drafts = (_sung(brief) if not brief.instrumental else []) or _played(total_ms)
    weights = [weight for _, _, weight in drafts]
    lengths = _shares(total_ms, weights)
    parts: list[Part] = []
    at = 0
    for (name, lines, _), length_ms in zip(drafts, lengths, strict=True):
        styles = (_dynamics(brief.energy_curve, at / total_ms, (at + length_ms) / total_ms),)
        parts.append(Part(name, lines, length_ms, styles))
        at += length_ms
    return tuple(parts)


def styles_of(brief: MusicBrief) -> tuple[str, ...]:
    """What should be heard throughout: genre, mood and instruments, tempo, key."""
    tempo = round((brief.tempo_low_bpm + brief.tempo_high_bpm) / 2)
    sung = "instrumental" if brief.instrumental or not brief.lyrics else "clear lead vocals from the start"
    return tuple(filter(None, (*brief.genre_tags, f"{tempo} bpm", brief.key, sung, "polished production")))


def body_of(brief: MusicBrief, model: str) -> dict[str, Any]:
    """The arguments of a call with a plan, in the form that the model takes."""
    parts, styles = parts_of(brief), list(styles_of(brief))
    silent = brief.instrumental or not brief.lyrics
    unwanted = ["vocals", "singing"] if silent else []
    plan: dict[str, Any]
    if model == "music_v1":
        plan = {
            "positive_global_styles": styles,
            "negative_global_styles": unwanted,
            "sections": [
                {
                    "section_name": part.name,
                    "positive_local_styles": list(part.styles),
                    "negative_local_styles": [],
                    "duration_ms": part.length_ms,
                    "lines": list(part.lines),
                }
                for part in parts
            ],
        }
    else:
        plan = {
            "chunks": [
                {
                    "text": "\n".join((f"[{part.name}]", *part.lines)),
                    "duration_ms": part.length_ms,
                    "positive_styles": [*styles, *part.styles],
                    "negative_styles": unwanted,
                }
                for part in parts
            ]
        }
    body: dict[str, Any] = {"composition_plan": plan, "model_id": model, "seed": brief.seed & _MOST_SEED}
    if model == "music_v1":
        body["respect_sections_durations"] = True
    return body


def body_of_prompt(brief: MusicBrief, model: str, prompt: str) -> dict[str, Any]:
    """The arguments of a call with a prompt that the vendor suggested; a seed may not go with it."""
    return {
        "prompt": prompt[:2000],
        "music_length_ms": round(brief.length_seconds * 1000),
        "model_id": model,
        "force_instrumental": brief.instrumental or not brief.lyrics,
    }


def fits(plan: Any, brief: MusicBrief) -> bool:
    """Whether a plan that the vendor suggested still lasts as long as the film."""
    parts = (plan.get("chunks") or plan.get("sections")) if isinstance(plan, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return False
    lengths = [part.get("duration_ms") for part in parts]
    return all(isinstance(length, int) for length in lengths) and sum(lengths) == round(brief.length_seconds * 1000)


def _safe_line(text: str) -> str:
    """A line that is sung as it is: braces would be directions, and a bracket at its start a section mark."""
    return re.sub(r"^\s*\[[^\]]*\]|[{}]", "", text).replace("[", "(").replace("]", ")")[:_MOST_LINE_CHARACTERS].strip()


def _sung(brief: MusicBrief) -> list[tuple[str, tuple[str, ...], float]]:
    """Sections as (name, lines, weight), merged until each is long enough to be a part of its own."""
    sections: list[tuple[str, tuple[str, ...]]] = []
    for name, lines in groupby(brief.lyrics, key=lambda line: line.section):
        texts = tuple(filter(None, (_safe_line(line.text) for line in lines)))
        sections += [(name.capitalize(), texts[at : at + _MOST_LINES]) for at in range(0, len(texts), _MOST_LINES)]
    most = max(1, int(brief.length_seconds * 1000 / SHORTEST_PART_MS / 1.5))
    while len(sections) > most:
        (name, first), (_, second) = sections[-2:]
        sections[-2:] = [(name, (first + second)[:_MOST_LINES])]
    return [(name, lines, len(lines) + 0.5) for name, lines in sections]


def _played(total_ms: int) -> list[tuple[str, tuple[str, ...], float]]:
    most = max(1, total_ms // (2 * SHORTEST_PART_MS))
    return [(name, (), weight) for name, weight in _PLAYED_PARTS[-most:]]


def _shares(total_ms: int, weights: list[float]) -> list[int]:
    """Whole milliseconds in proportion to the weights, none too short, adding up exactly."""
    spare = total_ms - SHORTEST_PART_MS * len(weights)
    shares = [SHORTEST_PART_MS + int(spare * weight / sum(weights)) for weight in weights]
    shares[-1] += total_ms - sum(shares)
    return shares


def _dynamics(curve: tuple[float, ...], start: float, end: float) -> str:
    """How loud and full a part is, by the brief's energy over it."""
    first = int(start * len(curve))
    values = curve[first : max(first + 1, round(end * len(curve)))] or (0.5,)
    mean = sum(values) / len(values)
    if mean < 0.4:
        return "quiet and sparse"
    return "full and lifted" if mean > 0.7 else "steady and warm"
