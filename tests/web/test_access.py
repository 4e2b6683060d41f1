"""Who may come in, from where, and how often."""

from __future__ import annotations

import stat
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import RunningServer, jpeg

from auratune.core.errors import QueueFull
from auratune.settings import Settings
from auratune.web import tokens
from auratune.web.keys import ApiKeys, ensure_access_key, ensure_signing_key, generated_key, load_keys
from auratune.web.request_errors import TooManyRequests
from auratune.web.tokens import TokenSigner
from auratune.web.upload_places import UploadPlaces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS = "alice:secret-a,bob:secret-b"
ALICE = {"authorization": "Bearer secret-a"}
BOB = {"x-api-key": "secret-b"}
HELD_BACK = ["/photos", "/health", "/metrics", "/events", "/photos/x", "/photos/x/download", "/library", "/status/x"]


def test_on_loopback_without_keys_everything_is_open(server: RunningServer) -> None:
    assert server.client.get("/photos").status_code == 200
    assert server.client.get("/session").json()["signed_in"] is True


@pytest.mark.parametrize("path", HELD_BACK)
def test_with_keys_set_nothing_of_anyone_is_shown_without_one(
    open_server: Callable[..., RunningServer], path: str
) -> None:
    server = open_server(auratune_api_keys=KEYS)
    for headers in ({}, {"authorization": "Bearer wrong"}, {"x-api-key": "alice"}, {"authorization": "Basic YTpi"}):
        answer = server.client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["retryable"]) == (401, False)
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/", "/app", "/docs", "/openapi.json", "/health/live", "/health/ready", "/session"])
def test_what_belongs_to_nobody_needs_no_key(open_server: Callable[..., RunningServer], path: str) -> None:
    assert open_server(auratune_api_keys=KEYS).client.get(path).status_code == 200


def test_each_key_sees_its_own_tasks_and_a_foreign_id_is_unknown(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys=KEYS)
    of_alice, of_bob = server.new_task(1, **ALICE), server.new_task(2, **BOB)
    server.tasks.finish(of_alice)
    assert [film["task_id"] for film in server.client.get("/photos", headers=BOB).json()["videos"]] == [of_bob]
    for path in ("", "/status", "/download", "/poster", "/events", "/preview"):
        assert server.client.get(f"/photos/{of_alice}{path}", headers=BOB).status_code == 404
    for verb in ("cancel", "retry", "remake", "share"):
        assert server.client.post(f"/photos/{of_alice}/{verb}", headers=BOB).status_code == 404
    assert server.client.delete(f"/photos/{of_alice}", headers=BOB).status_code == 404
    assert server.client.get(f"/photos/{of_alice}/download", headers=ALICE).status_code == 200


def test_the_key_is_checked_before_the_body_is_read(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys=KEYS)
    head = b"POST /photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 5000000\r\n"
    answer = server.raw(head + b"Expect: 100-continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"100 Continue" not in answer
    assert not server.leftovers()


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use(
    open_server: Callable[..., RunningServer],
) -> None:
    server = open_server(auratune_api_keys=KEYS)
    assert server.client.get("/session").json() | {"signed_in": False, "owner": None, "needs_key": True}
    answer = server.client.post("/session", json={"key": " secret-a "})
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 204
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "secret-a" not in cookie
    assert "alice" not in cookie
    assert server.client.get("/session").json()["owner"] == "alice"
    assert server.client.get("/photos").status_code == 200
    # A header outranks the cookie, so that a wrong key is never hidden by it.
    assert server.client.get("/photos", headers={"x-api-key": "wrong"}).status_code == 401
    server.client.delete("/session")
    assert server.client.get("/photos").status_code == 401


def test_a_forged_or_old_session_opens_nothing(
    open_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = open_server(auratune_api_keys=KEYS)
    server.client.post("/session", json={"key": "secret-a"})
    good = server.client.cookies["auratune_session"]
    server.client.cookies.clear()
    other = good[:-2] + ("BB" if good.endswith("AA") else "AA")
    for forged in ("", "x", other, "A" * len(good), good + "A"):
        answer = server.client.get("/photos", headers={"cookie": f"auratune_session={forged}"})
        assert answer.status_code == 401
    assert server.client.get("/photos", headers={"cookie": f"auratune_session={good}"}).status_code == 200
    monkeypatch.setattr(tokens, "time", SimpleNamespace(time=lambda: 4_000_000_000.0))
    assert server.client.get("/photos", headers={"cookie": f"auratune_session={good}"}).status_code == 401


def test_signing_out_ends_the_session_wherever_its_cookie_was_copied_to(
    open_server: Callable[..., RunningServer],
) -> None:
    server = open_server(auratune_api_keys=KEYS)
    cookies = []
    for _ in range(2):
        server.client.post("/session", json={"key": "secret-a"})
        cookies.append({"cookie": f"auratune_session={server.client.cookies['auratune_session']}"})
        server.client.cookies.clear()
    copied, other = cookies
    assert server.client.delete("/session", headers=copied).status_code == 204
    for verb, path in (("GET", "/photos"), ("GET", "/events"), ("DELETE", "/session")):
        assert server.client.request(verb, path, headers=copied).status_code == 401
    assert server.client.get("/session", headers=copied).json()["signed_in"] is False
    # The same person is signed in elsewhere too, and stays so.
    assert server.client.get("/photos", headers=other).status_code == 200


def test_a_cookie_of_version_0_1_is_still_good(tmp_path: Path) -> None:
    keys = ApiKeys({"alice": "secret-a"})
    signer = TokenSigner(ensure_signing_key(tmp_path), keys)
    old = signer._serializer("session", "alice").dumps(4_000_000_000)
    assert signer.session_of(old) == ("alice", 4_000_000_000)


def test_an_event_stream_ends_with_the_session_that_opened_it(
    open_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auratune.web.routes.events._CHECK_ACCESS_SECONDS", 0.0)
    monkeypatch.setattr("auratune.web.event_hub.PING_SECONDS", 0.1)
    server = open_server(auratune_api_keys=KEYS)
    server.client.post("/session", json={"key": "secret-a"})
    with server.client.stream("GET", "/events") as stream:
        pieces = stream.iter_raw()
        assert next(pieces).startswith(b"retry")
        server.client.delete(
            "/session", headers={"cookie": f"auratune_session={server.client.cookies['auratune_session']}"}
        )
        assert all(b"data" not in piece for piece in pieces)


def test_guessing_keys_is_slowed_down(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys=KEYS)
    answers = [server.client.post("/session", json={"key": f"guess {n}"}) for n in range(25)]
    assert {answer.status_code for answer in answers[:20]} == {401}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


def test_after_too_many_wrong_keys_a_right_one_waits_as_well(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys=KEYS)
    server.client.post("/session", json={"key": "secret-a"})
    session = {"cookie": f"auratune_session={server.client.cookies['auratune_session']}"}
    server.client.cookies.clear()
    for number in range(20):
        assert server.client.get("/photos", headers={"x-api-key": f"guess {number}"}).status_code == 401
    refused = [
        server.client.get("/photos", headers=ALICE),
        server.client.get("/photos", headers=session),
        server.client.get("/photos"),
        server.client.get("/session"),
        server.client.post("/session", json={"key": "secret-a"}),
    ]
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert server.client.get("/health/live").status_code == 200


def test_another_site_cannot_act_in_its_visitors_name(server: RunningServer) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        answer = server.send(origin=origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert server.send(origin=server.address).status_code == 200
    behind_a_proxy = {"origin": "https://films.example", "sec-fetch-site": "same-origin"}
    assert server.send(jpeg(seed=3), **behind_a_proxy).status_code == 200
    assert server.send(jpeg(seed=2), origin="http://localhost:5173").status_code == 200


def test_a_name_that_was_made_to_point_here_does_not_let_anyone_in(server: RunningServer) -> None:
    answer = server.client.get("/photos", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "host_not_allowed")
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"):
        assert server.client.get("/photos", headers={"host": host}).status_code == 200


def test_cors_is_for_the_configured_origins_only(server: RunningServer) -> None:
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key"}
    known = server.client.options("/photos", headers={"origin": "http://localhost:5173", **preflight})
    assert known.status_code == 200
    assert known.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "x-api-key" in known.headers["access-control-allow-headers"].lower()
    stranger = server.client.options("/photos", headers={"origin": "https://evil.example", **preflight})
    assert "access-control-allow-origin" not in stranger.headers
    answer = server.client.get("/photos/x/status", headers={"origin": "http://localhost:8080"})
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "http://localhost:8080"
    assert "x-request-id" in answer.headers["access-control-expose-headers"].lower()


def test_uploads_are_counted_per_caller_and_told_in_the_standard_headers(
    open_server: Callable[..., RunningServer],
) -> None:
    server = open_server(auratune_api_keys=KEYS, rate_limit=2)
    first = server.send(**ALICE)
    assert first.headers["ratelimit-policy"] == '"uploads";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"uploads";r=1;t=')
    assert server.send(**ALICE).status_code == 200
    third = server.send(**ALICE)
    assert (third.status_code, third.json()["code"], third.json()["retryable"]) == (429, "too_many_requests", True)
    assert 1 <= int(third.headers["retry-after"]) <= 60
    assert third.headers["ratelimit"].startswith('"uploads";r=0;t=')
    assert server.send(**BOB).status_code == 200
    assert server.client.get("/photos", headers=ALICE).status_code == 200


def test_remakes_and_retries_count_like_uploads_and_other_changes_by_themselves(
    open_server: Callable[..., RunningServer],
) -> None:
    server = open_server(auratune_api_keys=KEYS, rate_limit=3)
    task_id = server.new_task(1, **ALICE)
    server.tasks.finish(task_id)
    remade = server.client.post(f"/photos/{task_id}/remake", headers=ALICE, json={"style": "noir"})
    retried = server.client.post(f"/photos/{task_id}/retry", headers=ALICE)
    assert remade.headers["ratelimit"].startswith('"uploads";r=1;t=')
    assert (retried.status_code, retried.headers["ratelimit"][:13]) == (409, '"uploads";r=0')
    for verb in ("remake", "retry"):
        refused = server.client.post(f"/photos/{task_id}/{verb}", headers=ALICE)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
    # Who may not send more may still stop, share and remove.
    shared = server.client.post(f"/photos/{task_id}/share", headers=ALICE)
    assert (shared.status_code, shared.headers["ratelimit-policy"]) == (200, '"changes";q=30;w=60')
    assert server.client.delete(f"/photos/{task_id}", headers=ALICE).headers["ratelimit"].startswith('"changes";r=28')


def test_a_photo_for_which_there_is_no_place_is_refused_before_it_is_sent_and_does_not_count(
    open_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(places: UploadPlaces, sender: str) -> None:
        raise TooManyRequests("Too many photos come in.", code="uploads_busy", retry_after_seconds=6.2)

    server = open_server(rate_limit=1)
    head = b"Host: localhost\r\nExpect: 100-continue\r\nContent-Type: image/jpeg\r\nContent-Length: 650000"
    with monkeypatch.context() as patched:
        patched.setattr(UploadPlaces, "check", full)
        for path in (b"/photos", b"/upload-photo", b"/photos/upload"):
            answer = server.raw(b"POST " + path + b" HTTP/1.1\r\n" + head + b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 429 "), answer
            assert b"retry-after: 7\r\n" in answer
            assert b"uploads_busy" in answer
        # The body of a request that is no upload is read as ever.
        assert server.client.post("/session", json={"key": "none"}).status_code != 429
    assert server.send().status_code == 200


def test_a_full_queue_is_told_with_the_time_until_there_is_a_place(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(upload: object) -> None:
        raise QueueFull("Too many films wait already.", retry_after_seconds=41.2)

    monkeypatch.setattr(server.tasks, "submit", full)
    answer = server.send()
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (429, "queue_full", True)
    assert answer.headers["retry-after"] == "42"
    assert not server.leftovers()


def _keys_of(settings: Settings, folder: Path) -> ApiKeys:
    return load_keys(settings, generated_key(settings, folder))


def test_open_to_a_network_by_accident_it_makes_a_key_and_keeps_it(tmp_path: Path) -> None:
    ring = _keys_of(Settings(host="0.0.0.0", temp_dir=tmp_path), tmp_path)
    key = ensure_access_key(tmp_path)
    assert len(key) >= 24
    assert not ring.is_open
    assert ring.owner_of(key) == "local"
    assert ring.owner_of("") is None
    assert _keys_of(Settings(host="0.0.0.0", temp_dir=tmp_path), tmp_path).owner_of(key) == "local"
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _keys_of(Settings(host="0.0.0.0", auratune_open=True), tmp_path).is_open
    assert _keys_of(Settings(host="127.0.0.1"), tmp_path).is_open
    assert generated_key(Settings(host="0.0.0.0"), tmp_path) == key
    assert generated_key(Settings(host="0.0.0.0", auratune_api_keys="a:secret-a"), tmp_path) == ""


def test_a_link_dies_with_the_key_of_its_owner(tmp_path: Path) -> None:
    secret = ensure_signing_key(tmp_path)
    assert ensure_signing_key(tmp_path) == secret
    task_id = "0b7e1f5e-6f0a-4b5e-9a51-0d1c6a3f2b11"
    before = TokenSigner(secret, ApiKeys({"alice": "one", "bob": "two"}))
    token = before.share(task_id, "alice", until=4e9, link_id="a1")
    assert before.shared(token) == (task_id, "alice", "a1")
    session = before.session("alice", seconds=60)
    after = TokenSigner(secret, ApiKeys({"alice": "changed", "bob": "two"}))
    assert after.session_of(session) is None
    with pytest.raises(Exception, match="not valid"):
        after.shared(token)
    # A session is no share link and the other way round.
    assert before.session_of(token) is None
