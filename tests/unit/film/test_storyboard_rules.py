"""No storyboard breaks a rule, whatever the photo, the song and the wishes."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.stories import random_form, random_grid, random_scene, random_song, random_treatment, wishes_for
from tests.storyboard_rules import RULES, Case

from auratune.film.editing.editor import draw_storyboard


def case_of(number: int) -> Case:
    """Everything a film is made from, drawn from one number."""
    rng = random.Random(number)
    scene, form, treatment = random_scene(rng), random_form(rng), random_treatment(rng)
    beats = random_grid(rng, form.length_seconds)
    storyboard = draw_storyboard(scene, treatment, random_song(rng, treatment), beats, wishes_for(form), seed=number)
    return Case(scene, beats, form, storyboard)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_no_storyboard_breaks_a_rule(number: int) -> None:
    case = case_of(number)
    for rule in RULES:
        rule(case)
