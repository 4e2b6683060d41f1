"""The frames: steady to a twentieth of a pixel, the same each time, the same with and without the compiled kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from tests.footage import FULL_LOOK, reel, shift_px, texture

from auratune.core.errors import RenderError
from auratune.core.storyboard import Effect, Transition
from auratune.film.moves import MOVES
from auratune.film.rendering.frames import FrameMaker, blank_frame
from auratune.film.rendering.kernel import kernel, load
from auratune.film.rendering.plates import plate_of, to_bgr, to_source_image, to_yuv
from auratune.film.rendering.sampler import Sampler, grid_of
from auratune.film.viewport import Window

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from auratune.core.storyboard import Storyboard
    from auratune.film.rendering.plates import SourceImage

SIZE = (192, 256)
STEADY_PX = 0.05


@pytest.fixture(scope="module")
def still() -> SourceImage:
    return to_source_image(texture(288, 384))


def shoot(board: Storyboard, still: SourceImage, *, compiled: bool = True) -> list[tuple[NDArray[np.uint8], ...]]:
    maker = FrameMaker(board, still, compiled=compiled)
    frames = []
    for number in range(board.frame_count):
        y, uv = blank_frame(board.width_px, board.height_px)
        maker.draw(number, y, uv)
        frames.append((y, uv))
    return frames


def seen(still: SourceImage, window: Window) -> NDArray[np.float32]:
    """The window of the still, drawn slowly and in floating point."""
    across = window.left + (np.arange(SIZE[0]) + 0.5) * window.width / SIZE[0] - 0.5
    down = window.top + (np.arange(SIZE[1]) + 0.5) * window.height / SIZE[1] - 0.5
    columns = np.tile(across.astype(np.float32), (SIZE[1], 1))
    rows = np.repeat(down.astype(np.float32)[:, None], SIZE[0], axis=1)
    return np.asarray(cv2.remap(still.y.astype(np.float32), columns, rows, cv2.INTER_CUBIC), np.float32)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("name", [name for name in MOVES if name != "focus_pull"])
def test_every_frame_lies_where_its_move_says(still: SourceImage, name: str, compiled: bool) -> None:
    board = reel([name], size=SIZE, frames_per_shot=40)
    maker = FrameMaker(board, still, compiled=compiled)
    astray = []
    for number in range(board.frame_count):
        y, uv = blank_frame(*SIZE)
        maker.draw(number, y, uv)
        astray.append(shift_px(seen(still, maker.window(number)), y))
    # A move that is rounded anywhere shows here as a saw of up to half a pixel.
    assert np.abs(np.array(astray)).max() < STEADY_PX


def test_a_focus_pull_only_ever_gets_sharper(still: SourceImage) -> None:
    frames = shoot(reel(["focus_pull"], size=SIZE, frames_per_shot=40), still)
    sharpness = [cv2.Laplacian(y, cv2.CV_64F).std() for y, _ in frames]
    assert sharpness[-1] > 2 * sharpness[0]
    assert min(np.diff(sharpness[:20])) > -0.02 * sharpness[-1]


def test_two_runs_draw_the_same_film(still: SourceImage) -> None:
    board = reel(
        ["push_in", "layered_drift", "focus_pull"],
        transitions=[Transition("whip", 8), Transition("light_leak", 8)],
        effects=FULL_LOOK,
        size=SIZE,
    )
    for (y, uv), (again_y, again_uv) in zip(shoot(board, still), shoot(board, still), strict=True):
        assert np.array_equal(y, again_y)
        assert np.array_equal(uv, again_uv)


@pytest.mark.skipif(kernel() is None, reason="no C compiler here")
@pytest.mark.parametrize("size", [SIZE, (130, 74)])
def test_the_compiled_kernel_and_opencv_draw_the_same_film(still: SourceImage, size: tuple[int, int]) -> None:
    board = reel(
        list(MOVES),
        transitions=[Transition("whip", 8), Transition("match_zoom", 8), Transition("dissolve", 8)],
        effects=FULL_LOOK,
        size=size,
        frames_per_shot=14,
    )
    for (y, uv), (slow_y, slow_uv) in zip(shoot(board, still), shoot(board, still, compiled=False), strict=True):
        assert np.abs(y.astype(int) - slow_y).max() <= 4
        assert np.abs(uv.astype(int) - slow_uv).max() <= 4


@pytest.mark.skipif(kernel() is None, reason="no C compiler here")
@pytest.mark.parametrize(
    "window", [Window(-60, 10, 240, 180), Window(30, 10, 290, 217), Window(0, 0, 17, 13), Window(100, 90, 700, 525)]
)
def test_the_kernel_mirrors_what_lies_over_the_edge_as_opencv_does(still: SourceImage, window: Window) -> None:
    plate = plate_of(still, [Window(0, 0, 288, 216)], 192)
    frames = []
    for sampler in (Sampler(kernel()), Sampler(None)):
        y, uv = blank_frame(192, 144)
        sampler.draw(plate, grid_of(plate, window, (192, 144)), y, uv)
        frames.append((y, uv))
    assert np.abs(frames[0][0].astype(int) - frames[1][0]).max() <= 4
    assert np.abs(frames[0][1].astype(int) - frames[1][1]).max() <= 4


def test_no_kernel_is_loaded_from_a_folder_that_others_may_write_to(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    assert load(folder) is None


def test_a_film_without_a_compiler_is_drawn_all_the_same(
    still: SourceImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load(tmp_path / "cache") is None
    assert shoot(reel(["pan"], size=SIZE, frames_per_shot=2), still, compiled=False)[0][0].std() > 8


def test_the_film_fades_in_from_black_and_ends_in_black(still: SourceImage) -> None:
    frames = shoot(reel(["push_in"], effects=FULL_LOOK, size=SIZE), still)
    assert frames[0][0].mean() < 40 < frames[12][0].mean()
    assert frames[-1][0].mean() == pytest.approx(16, abs=0.5)
    assert np.abs(frames[-1][1].astype(int) - 128).max() <= 1


def test_letterbox_bars_are_black_and_leave_the_ratio_open(still: SourceImage) -> None:
    y, uv = shoot(reel(["pan"], effects=[Effect("letterbox", {"ratio": 2.39})], size=(256, 144)), still)[5]
    bar = round((144 - 256 / 2.39) / 2)
    assert (y[: bar - 1] == 16).all()
    assert (y[-bar + 1 :] == 16).all()
    assert (uv[: bar // 2 - 1] == 128).all()
    assert y[bar + 2 : -bar - 2].std() > 8


def test_grain_is_fine_and_changes_with_every_frame() -> None:
    flat = to_source_image(np.full((384, 288, 3), 128, np.uint8))
    frames = shoot(reel(["handheld"], effects=[Effect("grain", {"sigma": 1.2})], size=SIZE), flat)
    assert float(np.std(frames[3][0])) == pytest.approx(1.2, abs=0.2)
    assert not np.array_equal(frames[3][0], frames[4][0])
    assert np.mean(frames[3][0]) == pytest.approx(np.mean(frames[4][0]), abs=0.1)
    assert np.ptp(frames[3][1]) == 0, "grain is on the luma only"


def test_the_vignette_darkens_corners_alone() -> None:
    flat = to_source_image(np.full((384, 288, 3), 128, np.uint8))
    y, _ = shoot(reel(["pan"], effects=[Effect("vignette", {"amount": 0.3})], size=SIZE), flat)[0]
    middle, corner = float(y[120:136, 88:104].mean()), float(y[:4, :4].mean())
    assert (corner - 16) / (middle - 16) == pytest.approx(0.72, abs=0.05)


def test_a_name_that_nobody_knows_is_a_clear_error(still: SourceImage) -> None:
    with pytest.raises(RenderError, match="no effect called 'sparkle'"):
        FrameMaker(reel(["pan"], effects=[Effect("sparkle")]), still)
    with pytest.raises(RenderError, match="no setting 'glitter'"):
        FrameMaker(reel(["pan"], effects=[Effect("grain", {"glitter": 1.0})]), still)


def test_planes_hold_bt709_in_limited_range() -> None:
    colours = np.array([[[255, 255, 255], [0, 0, 0], [0, 0, 255], [0, 255, 0], [255, 0, 0]]], np.uint8)
    # ITU-R BT.709, 8 bits: white, black, red, green, blue.
    expected = [(235, 128, 128), (16, 128, 128), (63, 102, 240), (173, 42, 26), (32, 240, 118)]
    assert np.abs(to_yuv(colours)[0].astype(int) - expected).max() <= 1


def test_a_picture_survives_the_way_to_planes_and_back() -> None:
    picture = cv2.GaussianBlur(texture(64, 48), (0, 0), 4)
    still = to_source_image(picture)
    assert np.abs(to_bgr(still.y, still.uv).astype(int) - picture).mean() < 2


@pytest.mark.parametrize("size", [(16, 16), (3, 2), (900, 40), (41, 900)])
def test_photos_of_odd_sizes_make_whole_frames(size: tuple[int, int]) -> None:
    frames = shoot(reel(["push_in", "pan"], effects=FULL_LOOK, frames_per_shot=10), to_source_image(texture(*size)))
    assert all(y[40:-40, 40:-40].mean() > 20 for y, _ in frames[8:12])
