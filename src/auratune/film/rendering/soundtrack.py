"""The sound of a film as a stream of packets: the mix as AAC, or the song's own MP3 as it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from auratune.core.errors import InvalidSong
from auratune.music.mixing.aac import add_aac_stream

SOUND_RATE = 44100
"""Of the mixed sound, in samples a second: that of songs, so that nothing is resampled."""
_POLL_SECONDS = 0.02


class Soundtrack(Protocol):
    """What the encoder needs of a film's sound."""

    def add_to(self, film: OutputContainer) -> AudioStream:
        """Add a stream for the sound to a file that has not been begun."""
        ...

    def is_ready(self) -> bool:
        """Whether packets can be had at once; asking for them earlier waits."""
        ...

    def packets(self, stream: AudioStream) -> Iterator[tuple[float, Packet[AudioStream]]]:
        """The packets of the stream in order, each with the second of the film it belongs to."""
        ...


class MixedSound:
    """The mix as AAC in an MP4 that another child writes meanwhile, copied packet by packet."""

    def __init__(self, coded_path: Path) -> None:
        self._path = coded_path

    def is_ready(self) -> bool:
        """Whether the mix is there; the file appears under its name only when it is whole."""
        return self._path.exists()

    def add_to(self, film: OutputContainer) -> AudioStream:
        """Add a stream that is described just as the one in the mix, which may not be there yet."""
        return add_aac_stream(film, SOUND_RATE)

    def packets(self, stream: AudioStream) -> Iterator[tuple[float, Packet[AudioStream]]]:
        """Copy the mix."""
        while not self.is_ready():
            time.sleep(_POLL_SECONDS)
        with av.open(str(self._path)) as mix:
            for packet in mix.demux(mix.streams.audio[0]):
                if packet.pts is not None and packet.time_base is not None:
                    packet.stream = stream
                    yield max(0.0, float(packet.pts * packet.time_base)), packet


class CopiedSound:
    """A part of an MP3 song, copied packet by packet: its own bits, to the nearest MP3 frame (26 ms)."""

    def __init__(self, path: str, starts_at_seconds: float, length_seconds: float) -> None:
        """Take the part of a song. Raises `InvalidSong` when the file is no MP3."""
        self._path = path
        self._start = starts_at_seconds
        self._length = length_seconds
        with av.open(path) as song:
            if not song.streams.audio or song.streams.audio[0].codec_context.name not in {"mp3", "mp3float"}:
                raise InvalidSong("The song is not an MP3, so its own sound cannot be kept.", code="song_not_mp3")

    def is_ready(self) -> bool:
        """The song is there."""
        return True

    def add_to(self, film: OutputContainer) -> AudioStream:
        """Add an MP3 stream like the song's."""
        with av.open(self._path) as song:
            return film.add_stream_from_template(song.streams.audio[0])

    def packets(self, stream: AudioStream) -> Iterator[tuple[float, Packet[AudioStream]]]:
        """Copy what lies in the film's part of the song."""
        with av.open(self._path) as song:
            source = song.streams.audio[0]
            # A file with an encoder's header says how late its sound comes out of a decoder (1105 samples for LAME's);
            # in a film nobody skips them, so each packet is that much earlier. Measured: 25 ms late without, 6 ms with.
            late = float((source.start_time or 0) * source.time_base) if source.time_base else 0.0
            for packet in song.demux(source):
                if packet.pts is None or packet.time_base is None or packet.duration is None:
                    continue
                half = float(packet.duration * packet.time_base) / 2
                seconds = float(packet.pts * packet.time_base) - late - self._start
                if seconds + half >= self._length:
                    return
                if seconds + half < 0:
                    continue
                packet.pts = packet.dts = max(0, round(seconds / packet.time_base))
                packet.stream = stream
                yield max(0.0, seconds), packet
