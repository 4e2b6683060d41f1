"""Songs are fetched from the public internet only, and only as much as is reasonable."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contexts import a_context
from tests.simulators.server import Answer, Asked, Simulator

from auratune.core.errors import ProviderBusy, ProviderError, ProviderInvalidResponse
from auratune.providers import ssrf_guard
from auratune.providers.downloads import Downloads, in_blocks, looks_like_sound
from auratune.providers.suno import SUNO

PUBLIC = "93.184.216.34"
SOUND = b"ID3\x04" + bytes(range(256)) * 400


class Host(Simulator):
    """A server whose answer to each path is planned."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Answer] = {}
        self.seen: list[Asked] = []

    async def handle(self, asked: Asked) -> Answer:
        self.seen.append(asked)
        return self.answers.get(asked.path, Answer(404))


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as host:
        host.answers["/song.mp3"] = Answer(200, SOUND, kind="audio/mpeg")
        yield host


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every address that the test tries to connect to; none is reached. Other threads may go on as they like."""
    calls: list[tuple[str, int]] = []
    connect, this_thread = socket.create_connection, threading.get_ident()

    def refuse(address: tuple[str, int], *rest: Any, **options: Any) -> socket.socket:
        if threading.get_ident() != this_thread:
            return connect(address, *rest, **options)
        calls.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return calls


NAMES = {
    "cdn.example": [PUBLIC],
    "cdn6.example": ["2606:2800:220:1:248:1893:25c8:1946"],
    "localtest.example": ["127.0.0.1"],
    "intranet.example": ["10.1.2.3"],
    "half.example": [PUBLIC, "10.0.0.5"],
    "meta.example": ["169.254.169.254"],
    "six.example": ["::1"],
    "ula.example": ["fd12:3456::1"],
    "scoped.example": ["fe80::1%eth0"],
    "mapped.example": ["::ffff:192.168.0.1"],
    "nothing.example": [],
    "odd.example": ["not an address"],
}

HOSTILE = (
    "http://cdn.example/song.mp3",
    "http://127.0.0.1/song.mp3",
    "https://127.0.0.1/song.mp3",
    "https://127.1/song.mp3",
    "https://127.255.255.254/",
    "https://2130706433/song.mp3",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://10.255.255.255/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://100.100.100.200/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/iam/",
    "https://169.254.170.2/v2/credentials",
    "https://192.0.0.192/opc/v2/",
    "https://168.63.129.16/metadata",
    "https://198.18.0.1/",
    "https://192.0.2.7/",
    "https://203.0.113.9/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::127.0.0.1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/latest/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://localhost/",
    "https://localtest.example/",
    "https://intranet.example/",
    "https://half.example/",
    "https://meta.example/",
    "https://six.example/",
    "https://ula.example/",
    "https://scoped.example/",
    "https://mapped.example/",
    "https://nothing.example/",
    "https://odd.example/",
    "https://user@cdn.example/song.mp3",
    "https://cdn.example:secret@127.0.0.1/",
    "https://cdn.example:8443/song.mp3",
    "https://cdn.example:22/",
    "https://cdn.example:0/",
    "https://cdn.example:99999/",
    "https://cdn.example\\@127.0.0.1/",
    "https://cdn.example\t/song.mp3",
    "https://cdn.example/song.mp3\r\nHost: 127.0.0.1",
    "https://cdn．example/song.mp3",
    "https://①②⑦.0.0.1/",
    "https:///song.mp3",
    "https://[::1/",
    "file:///etc/passwd",
    "ftp://cdn.example/song.mp3",
    "gopher://127.0.0.1:70/_",
    "data:audio/mpeg;base64,SUQz",
    "//127.0.0.1/song.mp3",
    "song.mp3",
    "",
    "https://cdn.example/" + "a" * 5000,
)


def look_up(host: str, port: int) -> list[str]:
    """Names of this test; numbers in whatever notation as the system reads them."""
    return NAMES[host] if host in NAMES else ssrf_guard.resolve(host, port)


def test_there_are_at_least_sixty_hostile_addresses() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_never_connected_to(url: str, dialled: list[tuple[str, int]], tmp_path: Path) -> None:
    with pytest.raises(ProviderInvalidResponse) as caught:
        Downloads(SUNO, resolve=look_up).save(a_context(), url, tmp_path / "song.mp3")
    assert caught.value.code == "unsafe_address"
    assert dialled == []


@pytest.mark.parametrize("name", ["cdn.example", "cdn6.example"])
def test_a_public_address_is_connected_to_as_it_was_checked(
    name: str, dialled: list[tuple[str, int]], tmp_path: Path
) -> None:
    with pytest.raises(ProviderBusy):
        Downloads(SUNO, resolve=look_up).save(a_context(), f"https://{name}/song.mp3", tmp_path / "song.mp3")
    assert dialled == [(NAMES[name][0], 443)]


def test_a_name_that_changes_between_look_ups_changes_nothing(dialled: list[tuple[str, int]], tmp_path: Path) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    with pytest.raises(ProviderBusy):
        Downloads(SUNO, resolve=lambda host, port: next(answers)).save(
            a_context(), "https://re.example/", tmp_path / "s.mp3"
        )
    assert dialled == [(PUBLIC, 443)]


def test_the_pinned_request_still_names_its_host(host: Host, tmp_path: Path) -> None:
    port = int(host.url.rpartition(":")[2])
    downloads = Downloads(SUNO, allow_loopback=True, resolve=lambda name, port: ["127.0.0.1"])
    assert downloads.save(a_context(), f"http://songs.example:{port}/song.mp3", tmp_path / "song.mp3") == len(SOUND)
    assert host.seen[0].headers["host"] == f"songs.example:{port}"
    assert (tmp_path / "song.mp3").read_bytes() == SOUND


@pytest.mark.parametrize(
    "leads_to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/song.mp3",
        "http://192.168.0.1:8080/",
        "file:///etc/passwd",
        "//[fd00:ec2::254]/",
        "https://user:secret@127.0.0.1/",
    ],
)
def test_each_redirect_is_checked_again(host: Host, leads_to: str, tmp_path: Path) -> None:
    host.answers["/song.mp3"] = Answer(302, headers={"Location": leads_to})
    with pytest.raises(ProviderInvalidResponse) as caught:
        Downloads(SUNO, allow_loopback=True).save(a_context(), f"{host.url}/song.mp3", tmp_path / "song.mp3")
    assert caught.value.code == "unsafe_address"
    assert len(host.seen) == 1


@pytest.mark.parametrize("leads_to", ["https://[", "//[::1/song.mp3", "http://[v1.x"])
def test_a_redirect_to_what_is_no_address_is_not_followed(host: Host, leads_to: str, tmp_path: Path) -> None:
    host.answers["/song.mp3"] = Answer(302, headers={"Location": leads_to})
    with pytest.raises(ProviderInvalidResponse):
        Downloads(SUNO, allow_loopback=True).save(a_context(), f"{host.url}/song.mp3", tmp_path / "song.mp3")
    assert len(host.seen) == 1


def test_three_redirects_are_followed_and_a_fourth_is_not(host: Host, tmp_path: Path) -> None:
    for step in range(4):
        host.answers[f"/{step}"] = Answer(302, headers={"Location": f"/{step + 1}" if step < 3 else "/song.mp3"})
    downloads = Downloads(SUNO, allow_loopback=True)
    assert downloads.save(a_context(), f"{host.url}/1", tmp_path / "song.mp3") == len(SOUND)
    with pytest.raises(ProviderInvalidResponse):
        downloads.save(a_context(), f"{host.url}/0", tmp_path / "song.mp3")


def test_loopback_needs_the_flag(host: Host, tmp_path: Path) -> None:
    with pytest.raises(ProviderInvalidResponse):
        Downloads(SUNO).save(a_context(), f"{host.url}/song.mp3", tmp_path / "song.mp3")
    assert host.seen == []


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (Answer(200, b"<!doctype html><p>Sign in"), ProviderInvalidResponse, "song_not_audio"),
        (Answer(200, b""), ProviderInvalidResponse, "song_not_audio"),
        (
            Answer(200, b"\x1f\x8b" + SOUND, headers={"Content-Encoding": "gzip"}),
            ProviderInvalidResponse,
            "song_not_audio",
        ),
        (Answer(200, b"ID3" + bytes(300_000)), ProviderInvalidResponse, "song_too_large"),
        (Answer(200, SOUND, length=len(SOUND) * 2), ProviderBusy, "provider_download_failed"),
        (Answer(200, SOUND, drip_seconds=0.05), ProviderBusy, "provider_download_failed"),
        (Answer(404), ProviderBusy, "provider_download_failed"),
        (Answer(503), ProviderBusy, "provider_download_failed"),
        (Answer(reset=True), ProviderBusy, "provider_download_failed"),
    ],
)
def test_what_is_no_whole_song_is_told_apart(
    host: Host, answer: Answer, error: type[ProviderError], code: str, tmp_path: Path
) -> None:
    host.answers["/song.mp3"] = answer
    stall_seconds = 0.6 if answer.drip_seconds else 60.0
    downloads = Downloads(SUNO, allow_loopback=True, stall_seconds=stall_seconds, most_bytes=200_000)
    with pytest.raises(error) as caught:
        downloads.save(a_context(), f"{host.url}/song.mp3", tmp_path / "song.mp3")
    assert caught.value.code == code


def test_reading_goes_on_where_it_stopped(host: Host) -> None:
    downloads = Downloads(SUNO, allow_loopback=True)
    # This host knows no ranges and starts again from the beginning; what is known is passed over.
    assert b"".join(downloads.read(a_context(), f"{host.url}/song.mp3", 1000)) == SOUND[1000:]
    assert host.seen[0].headers["range"] == "bytes=1000-"


def test_a_stream_is_cut_at_the_same_places_however_it_arrives() -> None:
    data = bytes(range(256)) * 50
    whole = list(in_blocks(iter([data]), 0))
    assert [len(piece) for piece in whole] == [4096, 4096, 4096, 512]
    assert list(in_blocks(iter([data[:10], data[10:7000], data[7000:]]), 0)) == whole
    assert list(in_blocks(iter([data[3584:]]), 3584)) == [data[3584:4096], *whole[1:]]


def test_no_key_or_cookie_travels_to_where_songs_lie(host: Host, tmp_path: Path) -> None:
    Downloads(SUNO, allow_loopback=True).save(a_context(), f"{host.url}/song.mp3", tmp_path / "song.mp3")
    assert set(host.seen[0].headers) <= {"host", "accept", "accept-encoding", "connection", "user-agent"}


@pytest.mark.parametrize(
    "start", [b"ID3\x04", b"\xff\xfb\x90\x00", b"OggS", b"fLaC", b"RIFF1234WAVE", b"\0\0\0 ftypM4A "]
)
def test_sound_is_known_by_its_first_bytes(start: bytes) -> None:
    assert looks_like_sound(start)


@pytest.mark.parametrize("start", [b"", b"\xff", b"<html>", b"{}", b"\x7fELF", b"RIFF1234AVI ", b"#EXTM3U\nfile:///"])
def test_other_things_are_not_taken_for_sound(start: bytes) -> None:
    assert not looks_like_sound(start)
