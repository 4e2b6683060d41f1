"""How shots give way to one another."""

from __future__ import annotations

import random

from tests.stories import a_grid, a_scene, a_song, a_treatment, wishes_for

from auratune.core.options import FilmFormat
from auratune.film.editing.editor import draw_storyboard
from auratune.film.editing.transition_choice import STRONG


def names(plan, look="golden", films=30) -> list[str]:
    treatment = a_treatment(look=look)
    found = []
    for seed in range(films):
        board = draw_storyboard(
            a_scene(), treatment, a_song(treatment), a_grid(plan=plan), wishes_for(FilmFormat()), seed=seed
        )
        found += [shot.transition.name for shot in board.shots[:-1]]
    return found


def test_most_joins_are_plain_cuts_or_dissolves() -> None:
    found = names((("intro", 0.12, 0.3), ("verse", 0.48, 0.5), ("chorus", 0.85, 0.85), ("outro", 1.0, 0.35)))
    assert sum(name in STRONG for name in found) <= 0.3 * len(found)
    assert found.count("cut") >= 0.4 * len(found)


def test_calm_songs_dissolve_and_never_whip() -> None:
    found = names((("intro", 0.2, 0.1), ("verse", 0.8, 0.25), ("outro", 1.0, 0.1)))
    assert found.count("dissolve") > 0.3 * len(found)
    assert not {"whip", "match_zoom"} & set(found)


def test_light_leaks_belong_to_warm_looks() -> None:
    plan = (("verse", 0.3, 0.4), ("chorus", 0.6, 0.9), ("verse", 0.8, 0.4), ("chorus", 1.0, 0.9))
    assert "light_leak" in names(plan, "golden")
    assert "light_leak" not in names(plan, "noir")


def test_every_transition_is_used_somewhere() -> None:
    rng, found = random.Random(1), set()
    for look in ("golden", "noir"):
        for _ in range(4):
            ends = sorted(rng.uniform(0.1, 0.95) for _ in range(3))
            plan = [(rng.choice(("verse", "chorus", "bridge")), end, rng.random()) for end in [*ends, 1.0]]
            found |= set(names(plan, look, films=10))
    assert found == {"cut", "dissolve", "dip_black", "dip_white", "whip", "light_leak", "match_zoom"}
