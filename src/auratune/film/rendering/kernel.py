"""The compiled sampler, where this machine has a C compiler; without one everything works, at about a fourth more CPU.

`kernel.c` is compiled once, at first use, into the user's cache folder; the name of the result is made from the source,
so a new version is a new file. Any failure just means that OpenCV draws the frames.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from auratune.film.pixels import Pixels
from auratune.film.rendering.sampler import Axis, PostArrays, SampleGrid

_SOURCE = Path(__file__).with_name("kernel.c")
_COMPILERS = ("cc", "gcc", "clang")
_FLAGS = ("-O3", "-std=c11", "-shared", "-fPIC", "-ffp-contract=off")
_COMPILE_SECONDS = 60
_DOUBLE, _INT, _STRIDE, _POINTER = ctypes.c_double, ctypes.c_int32, ctypes.c_ssize_t, ctypes.c_void_p


class _Job(ctypes.Structure):
    _fields_ = (
        ("target", _POINTER),
        ("target_stride", _STRIDE),
        ("width", _INT),
        ("height", _INT),
        ("plate", _POINTER),
        ("plate_stride", _STRIDE),
        ("plate_width", _INT),
        ("plate_height", _INT),
        ("x_start", _DOUBLE),
        ("x_step", _DOUBLE),
        ("y_start", _DOUBLE),
        ("y_step", _DOUBLE),
    )


class _PostJob(ctypes.Structure):
    _fields_ = (
        ("shade", _POINTER),
        ("shade_stride", _STRIDE),
        ("grain", _POINTER),
        ("grain_stride", _STRIDE),
        ("gain", ctypes.c_float),
        ("offset", ctypes.c_float),
    )


class Kernel:
    """The functions of `kernel.c`. They hold no lock while they work, so other threads go on."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._draw_plane = library.draw_plane
        self._draw_plane.argtypes = (ctypes.POINTER(_Job), _INT, ctypes.POINTER(_PostJob))

    def draw(
        self,
        plate: tuple[Pixels, Pixels],
        grid: SampleGrid,
        target: tuple[Pixels, Pixels],
        arrays: PostArrays | None,
    ) -> None:
        """Draw luma and chroma of a plate into those of a frame, at the grid's places; a arrays finishes the luma."""
        luma = _job(plate[0], grid.y_across, grid.y_down, target[0])
        chroma = _job(plate[1], grid.uv_across, grid.uv_down, target[1])
        post = None
        if arrays:
            post = ctypes.byref(
                _PostJob(
                    arrays.shade.ctypes.data,
                    arrays.shade.strides[0],
                    arrays.grain.ctypes.data,
                    arrays.grain.strides[0],
                    min(1.9, arrays.gain),
                    arrays.offset,
                )
            )
        if self._draw_plane(ctypes.byref(luma), 1, post) or self._draw_plane(ctypes.byref(chroma), 2, None):
            raise MemoryError


def _job(plate: Pixels, across: Axis, down: Axis, target: Pixels) -> _Job:
    return _Job(
        target=target.ctypes.data,
        target_stride=target.strides[0],
        width=target.shape[1],
        height=target.shape[0],
        plate=plate.ctypes.data,
        plate_stride=plate.strides[0],
        plate_width=plate.shape[1],
        plate_height=plate.shape[0],
        x_start=across.start,
        x_step=across.step,
        y_start=down.start,
        y_step=down.step,
    )


@cache
def kernel() -> Kernel | None:
    """The compiled sampler, compiled now if need be; None where that cannot be."""
    with contextlib.suppress(OSError, subprocess.SubprocessError, AttributeError):
        return load(_cache_folder())
    return None


def load(folder: Path | None) -> Kernel | None:
    """The sampler compiled into a folder; None without a folder that is the user's own, or without a compiler."""
    compiler = next(filter(None, map(shutil.which, _COMPILERS)), None)
    if folder is None or compiler is None or not _SOURCE.exists():
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    seal = folder.stat()
    if seal.st_uid != os.geteuid() or seal.st_mode & 0o022:
        # Somebody else could put a library there for us to run.
        return None
    arrays = "\n".join((_SOURCE.read_text(encoding="utf-8"), compiler, *_FLAGS, platform.machine(), sys.platform))
    library = folder / f"kernel-{hashlib.sha256(arrays.encode()).hexdigest()[:20]}.so"
    if not library.exists():
        _compile(compiler, library)
    return Kernel(ctypes.CDLL(str(library)))


def _compile(compiler: str, library: Path) -> None:
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        draft = Path(folder) / library.name
        command = [compiler, *_FLAGS, str(_SOURCE), "-o", str(draft), "-lm"]
        subprocess.run(command, check=True, capture_output=True, timeout=_COMPILE_SECONDS, stdin=subprocess.DEVNULL)
        draft.replace(library)


def _cache_folder() -> Path | None:
    with contextlib.suppress(RuntimeError):
        return Path.home() / ".cache" / "auratune"
    return None
