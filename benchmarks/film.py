"""What a film costs, next to encoding the same frames from memory and to what people use today.

    python -m benchmarks.film [PHOTO] [--seconds 30] [--peer-seconds 6] [--only ours,memory,…] [--at-once 3] [--json]

Ours is the render stage of a real film: everything from storyboard, photo and song to MP4, poster and soundtrack, in
its child processes. `memory` hands the very same frames, drawn beforehand, to the same encoder. The peers make one
zoom over the same photo at the same size and rate: ffmpeg's zoompan bare, after scaling to 8000 px, and with look
filters, and MoviePy, all with x264 at its default preset. Peers are slow, so they make `--peer-seconds` and their CPU
is told for the whole length. CPU is user and system time of the whole process tree; jitter is the deviation of the
picture's movement from a smooth path, in pixels (root mean square, least squares over gradients).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import psutil

from auratune.core.context import MemoryLedger, StageContext
from auratune.core.options import FilmFormat, Options
from auratune.core.photo import Photo
from auratune.core.storyboard import Framing, Move, Shot
from auratune.film.editing.editor import draw_storyboard
from auratune.film.rendering.encoder import Encoder, frame_buffer
from auratune.film.rendering.frames import FrameMaker, source_image_for
from auratune.film.rendering.render_job import film_needs_limit
from auratune.film.rendering.renderer import MIX_DOWN, render
from auratune.film.rendering.soundtrack import SOUND_RATE, MixedSound
from auratune.music.analysis.beat_tracking import track_beats
from auratune.music.compose import compose
from auratune.music.mixing.soundtrack import code_as_aac
from auratune.providers.embedded.songwriter import EmbeddedSongwriter
from auratune.storage.local import LocalStore
from auratune.subprocesses import SubprocessPool
from auratune.vision.analyze import analyze

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.song import Song
    from auratune.core.storyboard import Storyboard

CHUNK_FRAMES = 120
RESOLUTION = {"zoompan": "", "zoompan 8000 px": "scale=8000:-1,", "zoompan 8000 px + look": "scale=8000:-1,"}
LOOK_FILTERS = ",curves=preset=medium_contrast,vignette=PI/6,noise=alls=6:allf=t"
MOVIEPY = """
import sys
from moviepy import ImageClip, CompositeVideoClip
photo, path, width, height, seconds = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
still = ImageClip(photo).resized((width, height)).with_duration(seconds)
zoom = still.resized(lambda t: 1 + 0.3 * t / 30).with_position("center")
CompositeVideoClip([zoom], size=(width, height)).write_videofile(path, fps=30, codec="libx264", logger=None)
"""


@dataclasses.dataclass(frozen=True)
class Providers:
    folder: Path
    store: LocalStore
    photo: Photo
    song: Song
    board: Storyboard


def context_of(store: LocalStore, task: str) -> StageContext:
    return StageContext(
        task_id=task, prefix=f"tasks/{task}", store=store, ledger=MemoryLedger(), subprocesses=SubprocessPool()
    )


def prepare(photo_path: Path | None, seconds: float, folder: Path) -> Providers:
    """A real film's storyboard and song, made by the embedded providers; nothing of this is measured."""
    picture = cv2.imread(str(photo_path)) if photo_path else drawn_photo()
    store = LocalStore(folder / "store")
    context = context_of(store, "prepared")
    with store.create("photos/a.jpg", content_type="image/jpeg") as path:
        path.write_bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    height, width = picture.shape[:2]
    photo = Photo(key="photos/a.jpg", width_px=width, height_px=height, content_hash="0" * 64, seed=5)
    options = Options(format=FilmFormat(length_seconds=seconds))
    with store.fetch(photo.key) as path:
        mask = folder / "mask.png"
        scene = analyze(str(path), width, height, str(mask), "photos/mask.png")
    if scene.mask:
        with store.create("photos/mask.png", content_type="image/png") as path:
            path.write_bytes(mask.read_bytes())
    treatment = EmbeddedSongwriter().write(context, photo, scene, options)
    with store.create("music/a.mp3", content_type="audio/mpeg") as path:
        song = dataclasses.replace(compose(treatment.music, str(path)), key="music/a.mp3")
    beats = track_beats(context, song, options)
    return Providers(
        folder, store, photo, song, draw_storyboard(scene, treatment, song, beats, options, seed=photo.seed)
    )


def drawn_photo() -> np.ndarray:
    """A picture of 4000 x 3000 with detail of all sizes, where no photo is given."""
    random = np.random.default_rng(3)
    picture = np.zeros((3000, 4000, 3), np.float32)
    for octave in (4, 8, 16, 64, 256):
        noise = random.uniform(-1, 1, (3000 // octave + 2, 4000 // octave + 2, 3)).astype(np.float32)
        picture += cv2.resize(noise, (4000, 3000), interpolation=cv2.INTER_CUBIC) * octave**0.35
    return np.clip(128 + 18 * picture, 0, 255).astype(np.uint8)


class Meter:
    """CPU, wall time and peak resident memory of the children started while it runs."""

    def __enter__(self) -> Meter:
        self._before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._start = time.monotonic()
        self._done = threading.Event()
        self.peak_mib = 0.0
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.monotonic() - self._start
        self._done.set()
        self._watcher.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = after.ru_utime + after.ru_stime - self._before.ru_utime - self._before.ru_stime

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._done.wait(0.1):
            for child in me.children(recursive=True):
                try:
                    self.peak_mib = max(self.peak_mib, child.memory_info().rss / 2**20)
                except psutil.Error:
                    continue


def ours(studio: Providers, task: str = "ours") -> Path:
    film = render(context_of(studio.store, f"{task}-{time.monotonic_ns()}"), studio.board, studio.photo, studio.song)
    return studio.store.path_of(film.key)


def mix_alone(studio: Providers) -> None:
    """What the render stage does for the sound besides AAC: mix, loudness, MP3."""
    start, length = studio.board.beats.starts_at_seconds, studio.board.length_seconds
    song = str(studio.store.path_of(studio.song.key))
    SubprocessPool().run(MIX_DOWN, song, start, length, str(studio.folder / "s.mp4"), str(studio.folder / "s.mp3"))


def from_memory(studio: Providers) -> tuple[float, dict[int, np.ndarray]]:
    """CPU seconds of encoding the film's frames, drawn beforehand chunk by chunk; and the luma of some of them."""
    board = studio.board
    size = board.width_px, board.height_px
    cv2.setNumThreads(1)
    with studio.store.fetch(studio.photo.key) as path:
        mask = studio.folder / "mask.png"
        maker = FrameMaker(board, source_image_for(board, str(path), str(mask) if mask.exists() else ""))
    blanks = [frame_buffer(*size) for _ in range(CHUNK_FRAMES)]
    (studio.folder / "silence.mp4").write_bytes(code_as_aac(np.zeros((1024, 2), np.float32), SOUND_RATE))
    silence = MixedSound(studio.folder / "silence.mp4")
    cuts = frozenset(shot.first_frame for shot in board.shots if shot.first_frame)
    kept, cpu = {}, 0.0
    target = str(studio.folder / "memory.mp4")
    limited = film_needs_limit(board, maker)
    start = time.process_time()
    with Encoder(target, size=size, fps=board.fps, cuts=cuts, sound=silence, title="", limited=limited) as encoder:
        cpu += time.process_time() - start
        for first in range(0, board.frame_count, CHUNK_FRAMES):
            numbers = range(first, min(first + CHUNK_FRAMES, board.frame_count))
            for number in numbers:
                blank = blanks[number - first]
                maker.draw(number, blank.y, blank.uv)
                if number % 45 == 20:
                    kept[number] = blank.y.copy()
            start = time.process_time()
            for number in numbers:
                encoder.add(blanks[number - first].picture)
            cpu += time.process_time() - start
        start = time.process_time()
    return cpu + time.process_time() - start, kept


@cache
def ffmpeg_path() -> str | None:
    """The ffmpeg of the wheel `imageio-ffmpeg`: from the `bench` group, or from an environment of its own."""
    ask = ["-c", "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"]
    commands = [[sys.executable, *ask]]
    if uv := shutil.which("uv"):
        commands.append([uv, "run", "--quiet", "--no-project", "--with", "imageio-ffmpeg", "python", *ask])
    for command in commands:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return answer.stdout.strip().splitlines()[-1]
    return None


def zoompan(name: str, studio: Providers, seconds: int, target: Path) -> list[str] | None:
    ffmpeg = ffmpeg_path()
    if ffmpeg is None:
        return None
    board, photo = studio.board, studio.store.path_of(studio.photo.key)
    filters = (
        f"{RESOLUTION[name]}zoompan=z='1+0.3*on/900':d={30 * seconds}:x='iw/2-(iw/zoom/2)':y='ih/2-(ih/zoom/2)'"
        f":s={board.width_px}x{board.height_px}:fps=30{LOOK_FILTERS if 'look' in name else ''}"
    )
    command = [ffmpeg, "-loglevel", "error", "-y", "-i", str(photo), "-vf", filters]
    return [*command, "-frames:v", str(30 * seconds), "-c:v", "libx264", "-pix_fmt", "yuv420p", str(target)]


def moviepy(_: str, studio: Providers, seconds: int, target: Path) -> list[str] | None:
    uv = shutil.which("uv")
    if uv is None:
        return None
    board, photo = studio.board, studio.store.path_of(studio.photo.key)
    command = [uv, "run", "--quiet", "--no-project", "--with", "moviepy", "--with", "imageio-ffmpeg", "python"]
    numbers = map(str, (board.width_px, board.height_px, seconds))
    return [*command, "-c", MOVIEPY, str(photo), str(target), *numbers]


PEERS: dict[str, Callable[[str, Providers, int, Path], list[str] | None]] = {
    **dict.fromkeys(RESOLUTION, zoompan),
    "MoviePy": moviepy,
}


def lumas(path: Path, most: int) -> list[np.ndarray]:
    frames = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            frames.append(frame.to_ndarray(format="gray"))
            if len(frames) == most:
                break
    return frames


def jitter_px(frames: list[np.ndarray]) -> float:
    """Deviation of the movement of a patch off the centre from a smooth path, root mean square, in pixels."""
    height, width = frames[0].shape
    patch = np.s_[height // 8 : height * 3 // 8, width // 8 : width * 3 // 8]
    window = np.outer(*(np.hanning(edge) for edge in frames[0][patch].shape))
    steps = []
    soft = [cv2.GaussianBlur(frame[patch].astype(np.float64), (0, 0), 2.0) for frame in frames]
    for one, other in pairwise(soft):
        down, across = np.gradient((one + other) / 2)
        mixed = (window * across * down).sum()
        system = [[(window * across**2).sum(), mixed], [mixed, (window * down**2).sum()]]
        change = window * (other - one)
        steps.append(np.linalg.solve(system, [-(change * across).sum(), -(change * down).sum()]))
    moved = np.array(steps)
    t = np.linspace(-1, 1, len(moved))
    fit = np.polynomial.chebyshev.chebfit(t, moved, 5)
    return float(np.sqrt(((moved - np.polynomial.chebyshev.chebval(t, fit).T) ** 2).mean(axis=0)).max())


def our_zoom(studio: Providers, seconds: int) -> Path:
    """The zoom that the peers make, drawn and encoded by us without words and looks, to measure its movement."""
    board = studio.board
    count = 30 * seconds
    zoom = Move("drift", Framing(0.5, 0.5, 1.0), Framing(0.5, 0.5, 1 / (1 + 0.3 * seconds / 30)))
    shot = Shot(first_frame=0, end_frame=count, subject="wide", move=zoom)
    plain = dataclasses.replace(board, frame_count=count, shots=(shot,), cues=(), captions=(), effects=())
    film = render(context_of(studio.store, "zoom"), plain, studio.photo, studio.song)
    return studio.store.path_of(film.key)


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity after Wang and others (2004), of luma."""

    def soft(plane: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(plane, (11, 11), 1.5)

    first, second = one.astype(np.float32), other.astype(np.float32)
    mean_one, mean_other = soft(first), soft(second)
    spread = soft(first * first) - mean_one**2, soft(second * second) - mean_other**2
    shared = soft(first * second) - mean_one * mean_other
    top = (2 * mean_one * mean_other + 6.5025) * (2 * shared + 58.5225)
    return float((top / ((mean_one**2 + mean_other**2 + 6.5025) * (sum(spread) + 58.5225))).mean())


def similarity(path: Path, kept: dict[int, np.ndarray]) -> float:
    found = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in kept:
                plane = frame.planes[0]
                luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
                found.append(ssim(luma[: frame.height, : frame.width], kept[number]))
    return float(np.mean(found))


def measure(studio: Providers, only: set[str], peer_seconds: int, at_once: int) -> list[dict[str, Any]]:
    seconds = studio.board.length_seconds
    rows: list[dict[str, Any]] = []
    kept: dict[int, np.ndarray] = {}
    if not only or "memory" in only:
        cpu, kept = from_memory(studio)
        rows.append({"what": "encoding alone, from memory", "cpu_seconds": cpu})
    if not only or "ours" in only:
        with Meter() as meter:
            path = ours(studio)
        row = {"what": "ours, whole render stage", "cpu_seconds": meter.cpu, "wall_seconds": meter.wall}
        row |= {"peak_mib": meter.peak_mib, "megabytes": path.stat().st_size / 1e6}
        row["ssim"] = similarity(path, kept) if kept else math.nan
        zoom_seconds = min(peer_seconds, int(seconds))
        rows.append(row | {"jitter_px": jitter_px(lumas(our_zoom(studio, zoom_seconds), 30 * zoom_seconds))})
        with Meter() as sound:
            mix_alone(studio)
        rows.append({"what": "  of which sound", "cpu_seconds": sound.cpu, "peak_mib": sound.peak_mib})
        rows.append({"what": "  of which pictures", "cpu_seconds": meter.cpu - sound.cpu})
    if at_once > 1 and (not only or "at-once" in only):
        with Meter() as meter, ThreadPoolExecutor(at_once) as pool:
            list(pool.map(lambda index: ours(studio, f"at-once-{index}"), range(at_once)))
        row = {"what": f"ours, {at_once} at once, each", "cpu_seconds": meter.cpu / at_once}
        rows.append(row | {"wall_seconds": meter.wall, "peak_mib": meter.peak_mib})
    for name, make in PEERS.items():
        if only and name not in only and "peers" not in only:
            continue
        target = studio.folder / "peer.mp4"
        command = make(name, studio, peer_seconds, target)
        if command is None:
            rows.append({"what": f"{name}: not installed"})
            continue
        if make is moviepy:
            # The first run fetches and unpacks packages.
            subprocess.run([*command[: command.index("-c")], "-c", "import moviepy"], check=True)
        with Meter() as meter:
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        scale = seconds / peer_seconds
        row = {"what": name, "cpu_seconds": meter.cpu * scale, "wall_seconds": meter.wall * scale}
        row |= {"peak_mib": meter.peak_mib, "megabytes": target.stat().st_size / 1e6 * scale}
        rows.append(row | {"jitter_px": jitter_px(lumas(target, 30 * peer_seconds))})
    reference = next((row["cpu_seconds"] for row in rows if row["what"].startswith("ours, whole")), None)
    alone = next((row["cpu_seconds"] for row in rows if "memory" in row["what"]), None)
    for row in rows:
        if reference and "cpu_seconds" in row:
            row["times_ours"] = row["cpu_seconds"] / reference
        if alone and "cpu_seconds" in row:
            row["times_memory"] = row["cpu_seconds"] / alone
    return rows


COLUMNS = (
    ("cpu_seconds", "CPU s", "{:.1f}"),
    ("times_ours", "x ours", "{:.2f}"),
    ("times_memory", "x memory", "{:.2f}"),
    ("wall_seconds", "wall s", "{:.1f}"),
    ("peak_mib", "MiB", "{:.0f}"),
    ("megabytes", "MB", "{:.1f}"),
    ("ssim", "SSIM", "{:.4f}"),
    ("jitter_px", "jitter px", "{:.3f}"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", nargs="?", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--peer-seconds", type=int, default=6)
    parser.add_argument("--only", default="", help="ours, memory, at-once, peers, or peers by name; with commas")
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        studio = prepare(chosen.photo, chosen.seconds, Path(folder))
        only = {part.strip() for part in chosen.only.split(",") if part.strip()}
        rows = measure(studio, only, chosen.peer_seconds, chosen.at_once)
    board = studio.board
    if chosen.json:
        json.dump(
            {"size": [board.width_px, board.height_px], "seconds": board.length_seconds, "rows": rows}, sys.stdout
        )
        return
    print(
        f"{board.length_seconds:g} s of {board.width_px} x {board.height_px} at {board.fps} a second, one photo of "
        f"{studio.photo.width_px} x {studio.photo.height_px}"
    )
    print(f"{'':30}" + "".join(f"{title:>11}" for _, title, _ in COLUMNS))
    for row in rows:
        print(
            f"{row['what']:30}"
            + "".join(f"{form.format(row[key]) if key in row else '-':>11}" for key, _, form in COLUMNS)
        )


if __name__ == "__main__":
    main()
