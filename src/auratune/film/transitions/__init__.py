"""Transitions, one file each. A transition is a function of `t` (0 at its start, 1 at its end) to a `TransitionMix`."""

from __future__ import annotations

from collections.abc import Callable

from auratune.core.storyboard import Transition
from auratune.film.transitions.base import TransitionMix
from auratune.film.transitions.cut import cut
from auratune.film.transitions.dip_black import dip_black
from auratune.film.transitions.dip_white import dip_white
from auratune.film.transitions.dissolve import dissolve
from auratune.film.transitions.light_leak import light_leak
from auratune.film.transitions.match_zoom import match_zoom
from auratune.film.transitions.whip import whip

TRANSITIONS: dict[str, Callable[[Transition, float], TransitionMix]] = {
    "cut": cut,
    "dissolve": dissolve,
    "dip_black": dip_black,
    "dip_white": dip_white,
    "whip": whip,
    "light_leak": light_leak,
    "match_zoom": match_zoom,
}
