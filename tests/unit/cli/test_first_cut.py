"""`auratune film` has a first cut where the film will be, while a vendor composes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contexts import a_context
from tests.recovery.quick_providers import BEATS, BRIEF, TREATMENT, storyboard_of
from tests.waiting import wait_until

from auratune.cli.film import _Steps
from auratune.core.film import Film, FirstCut
from auratune.core.song import Song, SongRequest
from auratune.storage.local import LocalStore

if TYPE_CHECKING:
    from pathlib import Path

    from auratune.core.context import StageContext


def make(context: StageContext) -> FirstCut:
    with context.output("film.mp4") as path:
        path.write_bytes(b"first cut")
    film = Film(
        key=context.key("film.mp4"), poster_key="", soundtrack_key="", captions_key="", width_px=320, height_px=240,
        fps=30, length_seconds=6.0, size_bytes=9, checksum="",
    )  # fmt: skip
    song = Song(key="", music_by="embedded", length_seconds=6.0, brief=BRIEF)
    request = SongRequest(music_by="embedded", brief=BRIEF)
    return FirstCut(request=request, song=song, beats=BEATS, storyboard=storyboard_of(TREATMENT, BEATS, 1), film=film)


def test_a_first_cut_is_written_where_the_film_will_be_and_its_progress_is_told(tmp_path: Path) -> None:
    target = tmp_path / "hills.mp4"
    begun: list[str] = []

    def begin(words: str) -> object:
        begun.append(words)
        return lambda share: None

    steps = _Steps(a_context(LocalStore(tmp_path / "store")), begin, target)  # type: ignore[arg-type]
    with steps.meanwhile(make) as first_cut:
        wait_until(first_cut, "the first cut is there")
        assert target.read_bytes() == b"first cut"
    assert begun == ["A first cut, as hills.mp4"]


def test_without_a_maker_there_is_no_first_cut(tmp_path: Path) -> None:
    steps = _Steps(a_context(LocalStore(tmp_path / "store")), lambda words: lambda share: None, tmp_path / "hills.mp4")
    with steps.meanwhile(None) as first_cut:
        assert first_cut() is None
    assert not (tmp_path / "hills.mp4").exists()
