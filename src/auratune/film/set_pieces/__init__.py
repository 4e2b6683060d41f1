"""Set pieces, one file each: short events of the picture that answer the song. A set piece is an effect of one shot.

Frames in their settings are frames of the film.
"""

from __future__ import annotations

from auratune.film.effects.base import FilmEffect
from auratune.film.set_pieces.beat_punch import BeatPunch
from auratune.film.set_pieces.colour_arrives import ColourArrives
from auratune.film.set_pieces.film_burn import FilmBurn
from auratune.film.set_pieces.freeze_flash import FreezeFlash
from auratune.film.set_pieces.light_sweep import LightSweep
from auratune.film.set_pieces.match_cut import MatchCut
from auratune.film.set_pieces.silhouette_reveal import SilhouetteReveal
from auratune.film.set_pieces.triptych import Triptych

SET_PIECES: dict[str, type[FilmEffect]] = {
    "silhouette_reveal": SilhouetteReveal,
    "colour_arrives": ColourArrives,
    "triptych": Triptych,
    "match_cut": MatchCut,
    "light_sweep": LightSweep,
    "beat_punch": BeatPunch,
    "freeze_flash": FreezeFlash,
    "film_burn": FilmBurn,
}
