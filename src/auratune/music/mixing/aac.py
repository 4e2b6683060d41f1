"""How the film's sound is coded: in one place, so that the mix and the film it goes into agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from av.codec.context import Flags

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer

AAC_BITS_PER_SECOND = 192_000
AAC_OPTIONS = {"aac_coder": "fast", "aac_is": "0", "aac_pns": "0"}
"""The quick coder without the tools for low rates: 2 dB nearer to the original than the slow one, at half the CPU."""


def add_aac_stream(target: OutputContainer, rate: int) -> AudioStream:
    """Add a stereo stream that takes planar float samples of this rate."""
    stream = target.add_stream("aac", rate=rate, options=dict(AAC_OPTIONS))
    stream.bit_rate = AAC_BITS_PER_SECOND
    stream.layout = "stereo"
    stream.format = "fltp"
    # Else the encoder signs its first packet with its name and version.
    stream.codec_context.flags |= Flags.bitexact
    return stream
