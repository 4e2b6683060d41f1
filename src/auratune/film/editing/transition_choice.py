"""How one shot gives way to the next: mostly cuts; strong transitions on downbeats, where the song asks for one."""

from __future__ import annotations

import random

from auratune.core.geometry import Box
from auratune.core.storyboard import Transition
from auratune.film.editing.pacing import Cut
from auratune.film.editing.shot_sequence import Slot

STRONG = frozenset({"dip_black", "dip_white", "whip", "light_leak", "match_zoom"})
"""Transitions that the eye notices; they stand on downbeats only, and never twice in a row."""

_SECONDS = {
    "dissolve": 0.8,
    "dip_black": 0.6,
    "dip_white": 0.5,
    "whip": 0.3,
    "light_leak": 0.8,
    "match_zoom": 0.4,
}
_WARM_LOOKS = frozenset({"golden", "film-print", "pastel", "natural"})


def choose_transitions(
    slots: tuple[Slot, ...],
    cuts: tuple[Cut, ...],
    windows: list[tuple[Box, Box]],
    look: str,
    fps: int,
    rng: random.Random,
) -> tuple[Transition, ...]:
    """The transition out of each slot but the last. `windows` are what each slot shows first and last."""
    chosen: list[Transition] = []
    for index, cut in enumerate(cuts):
        before, after = slots[index], slots[index + 1]
        rested = not chosen or chosen[-1].name not in STRONG
        name = _name(before, after, cut, look, rng, rested=rested, last=index == len(cuts) - 1)
        chosen.append(_sized(name, before, after, windows[index][1], windows[index + 1][0], fps))
    return (*chosen, Transition())


def _name(before: Slot, after: Slot, cut: Cut, look: str, rng: random.Random, *, rested: bool, last: bool) -> str:
    calm = max(before.energy, after.energy) < 0.45
    if last:
        return "dissolve"
    if cut.on_section and cut.on_downbeat and rested:
        return _into_section(before, after, look, rng)
    if calm and before.length_seconds > 2.0 and after.length_seconds > 2.0:
        return "dissolve" if rng.random() < 0.6 else "cut"
    if after.energy > 0.7 and cut.on_downbeat and rested and rng.random() < 0.22:
        return "whip" if rng.random() < 0.5 else "match_zoom"
    return "cut"


def _into_section(before: Slot, after: Slot, look: str, rng: random.Random) -> str:
    rise = after.energy - before.energy
    if rise > 0.12 or after.section == "chorus":
        bright = "light_leak" if look in _WARM_LOOKS else "dip_white"
        return rng.choice((bright, "match_zoom", "whip") if after.energy > 0.6 else (bright, "dissolve"))
    if rise < -0.15 or after.section in {"outro", "bridge"}:
        return rng.choice(("dip_black", "dissolve"))
    return rng.choice(("dissolve", "light_leak" if look in _WARM_LOOKS else "dip_black"))


def _sized(name: str, before: Slot, after: Slot, seen: Box, next_seen: Box, fps: int) -> Transition:
    """The transition with its length: even, so that its centre is the cut, and short beside its two shots."""
    if name == "cut":
        return Transition()
    room = 0.45 * min(before.length_seconds, after.length_seconds)
    frames = 2 * round(min(_SECONDS[name], room) * fps / 2)
    if frames < 4:
        return Transition()
    if name in {"whip", "light_leak"}:
        rightward = next_seen.centre[0] >= seen.centre[0]
        return Transition(name, frames, {"direction": "right" if rightward else "left"})
    return Transition(name, frames)
