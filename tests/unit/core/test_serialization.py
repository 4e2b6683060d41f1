"""Values cross process borders and checkpoints as JSON by tag."""

from __future__ import annotations

import json

import pytest

from auratune.core import serialization
from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.errors import AuraTuneError, ProviderBusy, TaskNotFound
from auratune.core.options import FilmFormat, Options
from auratune.core.photo import Photo
from auratune.core.task import Stage

GRID = BeatGrid(
    tempo_bpm=120.0,
    beats=(0.0, 0.5),
    downbeats=(0.0,),
    sections=(SongSection("verse", 0.0, 1.0, 0.5),),
    energy=(0.2, 0.4),
    length_seconds=1.0,
)
PHOTO = Photo(key="photos/a.jpg", width_px=4, height_px=3, content_hash="ff" * 32, seed=7)


@pytest.mark.parametrize("value", [GRID, PHOTO, Options(format=FilmFormat(fps=24)), Stage.RENDER, None, 3, "x", [1.5]])
def test_a_value_comes_back_equal_and_of_its_own_type(value: object) -> None:
    back = serialization.loads(serialization.dumps(value))
    assert back == value
    assert type(back) is type(value)


def test_containers_keep_their_kind_and_what_they_hold() -> None:
    value = (PHOTO, {"wishes": Options(), "times": [1, (2.0, Stage.WRITE)]})
    assert serialization.loads(serialization.dumps(value)) == value


def test_what_is_written_is_json_that_a_person_can_read() -> None:
    plain = json.loads(serialization.dumps(PHOTO))
    assert plain["$"] == "Photo"
    assert plain["value"]["key"] == "photos/a.jpg"


def test_an_error_keeps_its_class_code_and_words() -> None:
    error = serialization.loads(
        serialization.dumps(ProviderBusy("Suno is busy.", provider="suno", retry_after_seconds=3.0))
    )
    assert isinstance(error, ProviderBusy)
    assert (error.message, error.provider, error.retry_after_seconds) == ("Suno is busy.", "suno", 3.0)
    assert error.retryable


def test_the_text_of_a_foreign_error_is_not_carried_because_it_may_hold_a_secret() -> None:
    written = serialization.dumps(ValueError("key sk-secret in /home/someone"))
    assert b"secret" not in written
    assert b"/home" not in written
    assert type(serialization.loads(written)) is AuraTuneError


def test_an_error_of_a_later_version_becomes_the_root_error_with_its_code() -> None:
    written = serialization.dumps(TaskNotFound("gone")).replace(b'"TaskNotFound"', b'"NotYetInvented"')
    error = serialization.loads(written)
    assert type(error) is AuraTuneError
    assert error.code == "task_not_found"


def test_a_stranger_is_refused_when_written_and_when_read() -> None:
    with pytest.raises(TypeError, match="object is not a value of the core"):
        serialization.dumps(object())
    with pytest.raises(LookupError, match="Pickle"):
        serialization.loads(b'{"$":"Pickle","value":{}}')
