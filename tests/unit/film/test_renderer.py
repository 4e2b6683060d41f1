"""A finished film: right streams, right tags, quick to start, clean, whole or not there at all."""

from __future__ import annotations

import dataclasses
import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import psutil
import pytest
from PIL import Image
from tests.contexts import a_context
from tests.footage import FULL_LOOK, reel, song_file, texture
from tests.stories import a_song, a_treatment

from auratune.core.errors import InvalidSong, RenderError, SubprocessFailed, TaskCancelled
from auratune.core.film import preview_prefix
from auratune.core.geometry import Box
from auratune.core.photo import Photo
from auratune.core.storyboard import TypeCue
from auratune.core.task import MERGING_FROM
from auratune.film.rendering import preview
from auratune.film.rendering.renderer import render
from auratune.storage.local import LocalStore
from auratune.subprocesses import SubprocessPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auratune.core.film import Film
    from auratune.core.ports import ObjectStore
    from auratune.core.storyboard import Storyboard

pytestmark = pytest.mark.xdist_group("renderer")  # one warm template for all tests
TASK = "7d0c9f4e-0000-4000-8000-000000000001"
CUE = TypeCue(role="lyric", text="We rise with the light", first_frame=30, end_frame=60, box=Box(0.1, 0.7, 0.9, 0.9))
BOARD = reel(["push_in", "pan", "pull_out"], effects=FULL_LOOK, cues=[CUE], frames_per_shot=30)
NAMES = ("film.mp4", "poster.jpg", "captions.vtt", "film.lrc", "soundtrack.mp3")
MADE = tuple(f"tasks/{{}}/1/run/{name}" for name in NAMES)


@dataclasses.dataclass
class Providers:
    store: LocalStore
    photo: Photo
    song: object
    subprocesses: SubprocessPool
    reports: list[tuple[float | None, str]] = dataclasses.field(default_factory=list)

    def render(self, board: Storyboard, *, task: str = TASK) -> Film:
        def note(fraction: float | None, text: str = "") -> None:
            self.reports.append((fraction, text))

        context = a_context(self.store, task_id=task, report=note, subprocesses=self.subprocesses)
        return render(context, board, self.photo, self.song)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def warm() -> Iterator[SubprocessPool]:
    with SubprocessPool("auratune.film.rendering.render_job", "auratune.film.rendering.mixdown") as pool:
        yield pool


def open_studio(folder: Path, subprocesses: SubprocessPool | None = None) -> Providers:
    store = LocalStore(folder / "store")
    with store.create("photos/a.jpg", content_type="image/jpeg") as path:
        Image.fromarray(texture(288, 384)).save(path, "JPEG", quality=92)
    with store.create("music/a.mp3", content_type="audio/mpeg") as path:
        path.write_bytes(song_file(folder, 6.0).read_bytes())
    photo = Photo(key="photos/a.jpg", width_px=288, height_px=384, content_hash="0" * 64, seed=1)
    song = a_song(a_treatment(), key="music/a.mp3", length_seconds=6.0)
    return Providers(store, photo, song, subprocesses or SubprocessPool())


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, warm: SubprocessPool) -> Providers:
    return open_studio(tmp_path_factory.mktemp("studio"), warm)


@pytest.fixture(scope="module")
def film(studio: Providers) -> Film:
    return studio.render(BOARD)


@pytest.fixture
def path(studio: Providers, film: Film) -> Iterator[Path]:
    with studio.store.fetch(film.key) as file:
        yield file


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def test_the_film_says_truly_what_it_is(film: Film, path: Path) -> None:
    assert (film.width_px, film.height_px, film.fps) == (192, 256, 24)
    assert film.length_seconds == pytest.approx(90 / 24)
    assert film.size_bytes == path.stat().st_size
    assert film.checksum == hashlib.sha256(path.read_bytes()).hexdigest()


def test_it_holds_h264_and_aac_of_the_same_length(path: Path) -> None:
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (audio.codec_context.name, audio.codec_context.sample_rate, audio.channels) == ("aac", 44100, 2)
        assert video.start_time == audio.start_time == 0
        assert float(video.duration * video.time_base) == pytest.approx(90 / 24, abs=0.001)
        assert float(audio.duration * audio.time_base) == pytest.approx(90 / 24, abs=0.03)
    assert len(frames_of(path)) == 90


def test_its_colours_are_tagged_as_bt709_in_limited_range(path: Path) -> None:
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)


def test_a_player_can_start_before_all_of_it_has_arrived(path: Path) -> None:
    data = path.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_nothing_is_written_into_it_but_the_title_and_the_mark_of_generated_media(path: Path) -> None:
    data = path.read_bytes()
    with av.open(str(path)) as container:
        written = {
            name for name in container.metadata if name not in {"major_brand", "minor_version", "compatible_brands"}
        }
        assert written == {"title", "comment"}
        assert "digitalsourcetype/compositeWithTrainedAlgorithmicMedia" in container.metadata["comment"]
        assert container.metadata["title"] == "Small hours"
    for trace in (b"Lavf", b"Lavc", str(path.parent).encode(), b"auratune"):
        assert trace not in data


def test_every_cut_is_a_keyframe(path: Path) -> None:
    keyframes = [number for number, frame in enumerate(frames_of(path)) if frame.key_frame]
    assert keyframes == [0, 30, 60]


def test_words_show_only_while_they_are_sung(path: Path, warm: SubprocessPool) -> None:
    silent = dataclasses.replace(BOARD, cues=(), captions=())
    other = open_studio(path.parent.parent.parent / "silent", warm)
    with other.store.fetch(other.render(silent).key) as plain:
        with_words, without = frames_of(path), frames_of(plain)
    added = [
        one.to_ndarray(format="gray").astype(int) - two.to_ndarray(format="gray")
        for one, two in zip(with_words, without, strict=True)
    ]
    letters = added[45] > 40
    assert letters.sum() > 100
    # Coding differs a little with what was drawn before, and to both sides.
    light = [abs(frame[letters].mean()) for frame in added]
    assert max(light[:29] + light[62:]) < 2
    assert min(light[38:52]) > 40


def test_the_poster_shows_the_picture_and_no_words(studio: Providers, film: Film) -> None:
    with studio.store.fetch(film.poster_key) as poster, Image.open(poster) as image:
        assert image.format == "JPEG"
        assert image.size == (192, 256)
        assert np.asarray(image.convert("L")).mean() > 70


def test_soundtrack_and_captions_lie_beside_it(studio: Providers, film: Film) -> None:
    with studio.store.fetch(film.soundtrack_key) as file, av.open(str(file)) as sound:
        assert sound.streams.audio[0].codec_context.name in {"mp3", "mp3float"}
        assert float(sound.streams.audio[0].duration * sound.streams.audio[0].time_base) == pytest.approx(
            3.75, abs=0.06
        )
    with studio.store.fetch(film.captions_key) as file:
        assert "We rise with the light" in file.read_text()


def test_progress_rises_to_the_joining_of_sound_and_picture(studio: Providers, film: Film) -> None:
    del film
    fractions = [fraction for fraction, _ in studio.reports if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert MERGING_FROM <= fractions[-1] <= 1


def test_the_same_storyboard_gives_the_same_bytes(tmp_path: Path, film: Film, warm: SubprocessPool) -> None:
    assert open_studio(tmp_path, warm).render(BOARD).checksum == film.checksum


def read(store: ObjectStore, key: str) -> bytes:
    with store.fetch(key) as path:
        return path.read_bytes()


class WatchedStore(LocalStore):
    """Looks at the preview each time that a piece of it was written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.watched: list[bytes] = []

    @contextmanager
    def create(self, key: str, *, content_type: str, filename: str = "") -> Iterator[Path]:
        with super().create(key, content_type=content_type, filename=filename) as path:
            yield path
        if key.startswith(preview_prefix(TASK)) and content_type == "video/mp4":
            self.watched.append(joined(self))


def joined(store: ObjectStore) -> bytes:
    """The pieces of the preview that are there, in their order."""
    keys = sorted(info.key for info in store.objects(preview_prefix(TASK)))
    return b"".join(read(store, key) for key in keys)


def test_it_can_be_watched_while_it_is_made(
    tmp_path: Path, warm: SubprocessPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small pictures are drawn within a second, so what is new is looked for more often.
    monkeypatch.setattr(preview, "_PIECE_SECONDS", 0.01)
    studio = open_studio(tmp_path)
    store = WatchedStore(tmp_path / "store")
    # The song's own sound is there at once; a mix may take longer than so small pictures.
    long = dataclasses.replace(reel(["pan"] * 18, effects=FULL_LOOK, frames_per_shot=24), audio_codec="mp3")
    context = a_context(store, task_id=TASK, subprocesses=warm)
    film = render(context, long, studio.photo, studio.song)  # type: ignore[arg-type]
    assert len(store.watched) >= 2, "it grows bit by bit"
    whole = joined(store)
    assert all(whole.startswith(seen) for seen in store.watched), "who watches slowly finds every piece at the end"
    (tmp_path / "whole.mp4").write_bytes(whole)
    assert len(frames_of(tmp_path / "whole.mp4")) == long.frame_count
    early = tmp_path / "early.mp4"
    early.write_bytes(next(boxes for seen in store.watched if b"mdat" in (boxes := whole_boxes(seen))))
    with av.open(str(early)) as container:
        assert {stream.type for stream in container.streams} == {"video", "audio"}
        seen = sum(1 for _ in container.decode(video=0))
    with store.fetch(film.key) as path:
        assert 0 < seen <= len(frames_of(path)) == long.frame_count


def whole_boxes(data: bytes) -> bytes:
    """The file up to its last whole fragment: what a player shows of a copy that ends inside one."""
    end = at = 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        at += size
        if at <= len(data) and kind in {b"moov", b"mdat"}:
            end = at
    return data[:end]


def test_the_songs_own_mp3_can_be_kept(tmp_path: Path, warm: SubprocessPool) -> None:
    studio = open_studio(tmp_path, warm)
    beats = dataclasses.replace(BOARD.beats, starts_at_seconds=1.0)
    film = studio.render(dataclasses.replace(BOARD, audio_codec="mp3", beats=beats))
    with studio.store.fetch(film.key) as path, av.open(str(path)) as container:
        audio = container.streams.audio[0]
        assert audio.codec_context.name in {"mp3", "mp3float"}
        assert float(audio.duration * audio.time_base) == pytest.approx(3.75, abs=0.06)
        samples = np.concatenate([frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)])
    # The song has a note on each half second, and the film begins on one.
    loud = np.abs(samples)
    assert loud[22050 : 22050 + 1500].max() > 3 * loud[22050 - 3000 : 22050 - 900].max()


def leftovers(studio: Providers, root: Path) -> list[str]:
    return [name for name in MADE if studio.store.exists(name.format(TASK))] + [
        str(path) for path in root.rglob("*") if (path.is_file() and "draft" in str(path)) or path.name == f"{TASK}.mp4"
    ]


def test_a_child_that_dies_leaves_nothing_under_any_name(tmp_path: Path) -> None:
    studio, others = open_studio(tmp_path), psutil.Process().children()

    def kill_once_drawing(fraction: float | None, note: str = "") -> None:
        if fraction and fraction > 0.1:
            for child in set(psutil.Process().children()) - set(others):
                child.kill()

    with pytest.raises(SubprocessFailed):
        render(
            a_context(studio.store, task_id=TASK, report=kill_once_drawing),
            reel(["pan"] * 4),
            studio.photo,
            studio.song,
        )  # type: ignore[arg-type]
    assert leftovers(studio, tmp_path) == []


def test_a_cancelled_film_stops_and_leaves_nothing(tmp_path: Path) -> None:
    studio, others = open_studio(tmp_path), psutil.Process().children()

    def cancel(fraction: float | None, note: str = "") -> None:
        if fraction and fraction > 0.1:
            raise TaskCancelled("You stopped it.")

    with pytest.raises(TaskCancelled):
        render(a_context(studio.store, task_id=TASK, report=cancel), reel(["pan"] * 4), studio.photo, studio.song)  # type: ignore[arg-type]
    assert leftovers(studio, tmp_path) == []
    assert set(psutil.Process().children()) <= set(others)


@pytest.mark.parametrize(("key", "error"), [("photos/a.jpg", RenderError), ("music/a.mp3", InvalidSong)])
def test_a_broken_photo_or_song_is_told_apart(
    tmp_path: Path, warm: SubprocessPool, key: str, error: type[Exception]
) -> None:
    studio = open_studio(tmp_path, warm)
    studio.store.delete(key)
    with studio.store.create(key, content_type="application/octet-stream") as path:
        path.write_bytes(b"neither this nor that")
    with pytest.raises(error):
        studio.render(BOARD)
    assert leftovers(studio, tmp_path) == []
