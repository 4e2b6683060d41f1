"""A photo becomes a film by plain calls, with the real embedded observer, writer and composer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.pipeline.probe import Probe, longest_black_seconds, longest_frozen_seconds, probe
from typer.testing import CliRunner

from auratune.cli import app
from auratune.film.rendering.encoder import MADE_BY_AI
from auratune.music.audio import read_sound
from auratune.music.mixing.loudness import integrated_lufs, true_peak_dbtp

if TYPE_CHECKING:
    from collections.abc import Callable

BT709, LIMITED_RANGE = 1, 1
FADE_SECONDS = 1.5


def run_film(photo: Path, out: Path, *options: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["film", str(photo), "-o", str(out), "--json", *options])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


@pytest.mark.slow
def test_a_photo_of_twelve_megapixels_becomes_a_full_film_that_anyone_can_play(
    photo_file: Callable[..., Path], tmp_path: Path
) -> None:
    out = tmp_path / "film.mp4"
    made = run_film(photo_file(4000, 3000), out)
    film = probe(out)
    _check_form(film)
    assert film.frame_count == 900
    assert film.video_seconds == pytest.approx(30.0, abs=1 / 30)
    assert film.audio_seconds == pytest.approx(30.0, abs=0.05)
    assert abs(film.audio_start_seconds) <= 0.02
    assert (film.width_px, film.height_px) == (1440, 1080)
    assert longest_black_seconds(film, FADE_SECONDS) <= 1.0
    assert longest_frozen_seconds(film, FADE_SECONDS) <= 1.0
    sound = read_sound(str(out))
    assert integrated_lufs(sound, 44100) == pytest.approx(-14.0, abs=0.7)
    assert true_peak_dbtp(sound, 44100) <= -1.0
    assert made["words_by"] == made["music_by"] == "embedded"
    assert made["title"]
    assert made["lyrics"]


@pytest.mark.slow
def test_the_same_photo_and_seed_give_the_same_film_and_another_seed_another(
    photo_file: Callable[..., Path], tmp_path: Path
) -> None:
    photo = photo_file(480, 360)
    small = ("--seconds", "5", "--size", "160")
    first = run_film(photo, tmp_path / "a.mp4", *small)
    second = run_film(photo, tmp_path / "b.mp4", *small)
    other = run_film(photo, tmp_path / "c.mp4", *small, "--seed", "99")
    assert first["sha256"] == second["sha256"]
    assert first["lyrics"] != other["lyrics"]
    assert first["sha256"] != other["sha256"]
    _check_form(probe(tmp_path / "a.mp4"))


def test_a_musician_gets_the_score_and_the_stems(photo_file: Callable[..., Path], tmp_path: Path) -> None:
    wanted = ("--midi", str(tmp_path / "song.mid"), "--stems", str(tmp_path / "stems"))
    run_film(photo_file(), tmp_path / "film.mp4", "--seconds", "5", "--size", "160", *wanted)
    assert (tmp_path / "song.mid").read_bytes()[:4] == b"MThd"
    stems = list((tmp_path / "stems").glob("*.wav"))
    assert len(stems) >= 3
    assert all(read_sound(str(stem)).any() for stem in stems)


def test_a_file_that_is_no_photo_is_refused_in_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("hello")
    result = CliRunner().invoke(app, ["film", str(text)])
    assert result.exit_code == 1
    assert "photo_not_an_image" in result.output
    assert "Traceback" not in result.output


def test_a_missing_photo_is_named_without_its_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["film", str(tmp_path / "gone.jpg")])
    assert result.exit_code == 1
    assert "gone.jpg" in result.output


@pytest.mark.parametrize(("option", "value"), [("--aspect", "4:5"), ("--captions", "loud"), ("--seconds", "90")])
def test_an_option_that_is_not_to_be_had_is_refused_before_any_work(
    photo_file: Callable[..., Path], option: str, value: str
) -> None:
    result = CliRunner().invoke(app, ["film", str(photo_file()), option, value])
    assert result.exit_code == 1
    assert not list(Path.cwd().glob("*.mp4"))


def _check_form(film: Probe) -> None:
    assert (film.video_codec, film.audio_codec, film.pixel_format) == ("h264", "aac", "yuv420p")
    assert (film.colour_space, film.colour_range) == (BT709, LIMITED_RANGE)
    assert film.boxes.index("moov") < film.boxes.index("mdat"), "it must play while it loads"
    assert film.fps == pytest.approx(30.0)
    known = {"major_brand", "minor_version", "compatible_brands", "title", "encoder", "comment"}
    assert set(film.tags) <= known
    assert film.tags["comment"] == MADE_BY_AI
