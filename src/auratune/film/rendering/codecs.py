"""What the codecs on this machine can do, for the doctor and the health page."""

from __future__ import annotations

import av

from auratune.core.errors import RenderError

NEEDED = {"libx264": "w", "aac": "w", "libmp3lame": "w", "h264": "r", "mp3": "r"}


def describe_codecs() -> str:
    """One sentence on the encoders and decoders that films need. Raises `RenderError` naming what is missing."""
    missing = [name for name, mode in NEEDED.items() if not _has(name, mode)]
    if missing:
        raise RenderError(f"The codecs {', '.join(missing)} are missing; install AuraTune again.", code="codec_missing")
    return f"{', '.join(name for name, mode in NEEDED.items() if mode == 'w')} are here (PyAV {av.__version__})"


def _has(name: str, mode: str) -> bool:
    try:
        av.Codec(name, "w" if mode == "w" else "r")
    except ValueError:
        return False
    return True
