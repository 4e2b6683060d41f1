"""Transitions, one file each. A transition tells how two shots share a frame at `t`, from 0 at its start to 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.film.transitions.cut import cut
from auratune.film.transitions.dip_black import dip_black
from auratune.film.transitions.dip_white import dip_white
from auratune.film.transitions.dissolve import dissolve
from auratune.film.transitions.light_leak import light_leak
from auratune.film.transitions.match_zoom import match_zoom
from auratune.film.transitions.whip import whip

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.storyboard import Transition
    from auratune.film.transitions.base import TransitionMix

TRANSITIONS: dict[str, Callable[[Transition, float], TransitionMix]] = {
    "cut": cut,
    "dissolve": dissolve,
    "dip_black": dip_black,
    "dip_white": dip_white,
    "whip": whip,
    "light_leak": light_leak,
    "match_zoom": match_zoom,
}
