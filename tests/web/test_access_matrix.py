"""Who may do what: every route of the application, asked by everyone; and forged tokens, which open nothing."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx2
import pytest
from fastapi.routing import APIRoute
from tests.web.conftest import RunningServer, jpeg
from tests.web.fake_task_service import FakeTaskService

from auratune.settings import Settings
from auratune.storage.local import LocalStore
from auratune.telemetry import Telemetry
from auratune.web.app import _ROUTES, create_app
from auratune.web.keys import ApiKeys
from auratune.web.request_errors import LinkUnknown
from auratune.web.tokens import TokenSigner

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

FORGED_TOKENS = 10_000
PUBLIC = {
    *("/", "/app", "/docs", "/films/{task_id}", "/operator", "/favicon.ico", "/static/{name}"),
    *("/health/live", "/health/ready", "GET /session", "HEAD /session", "POST /session"),
}
"""What belongs to nobody."""
SHARED = "/s/{token}"
"""What a share link opens, whoever has it."""
OF_CALLER = {
    *("/photos", "/upload-photo", "/photos/upload", "/mentra/photo", "/share-target", "/library", "/events"),
    *("/health", "/metrics", "DELETE /session"),
}
"""What everyone with a key has of their own. All other routes name a task."""
KEYS = {"alice": {"x-api-key": "secret-a"}, "bob": {"authorization": "Bearer secret-b"}}
REFUSED = {
    "nobody": {},
    "a wrong key": {"x-api-key": "secret-c"},
    "a forged cookie": {"cookie": "auratune_session=WzF9"},
}


class Cell(NamedTuple):
    caller: str
    method: str
    path: str
    status: int
    wanted: str


def application(folder: Path) -> tuple[FastAPI, FakeTaskService]:
    keys = "alice:secret-a,bob:secret-b"
    limits: dict[str, Any] = {"rate_limit": 100_000, "public_url": "https://films.example"}
    settings = Settings(_env_file=None, temp_dir=folder, auratune_api_keys=keys, **limits)
    store = LocalStore(folder)
    tasks = FakeTaskService(store)
    server = RunningServer("", 0, tasks, folder, None, settings, store, Telemetry())  # type: ignore[arg-type]
    return create_app(server), tasks  # type: ignore[arg-type]


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of each route, those of HEAD included."""
    routes = [*app.routes, *(route for module in _ROUTES for route in module.router.routes)]
    found = [route for route in routes if isinstance(route, APIRoute)]
    return sorted({(method, route.path) for route in found for method in route.methods or ()})


def belongs_to(method: str, path: str) -> str:
    if path.startswith(SHARED):
        return "link"
    if path in PUBLIC or f"{method} {path}" in PUBLIC:
        return "nobody"
    return "caller" if path in OF_CALLER or f"{method} {path}" in OF_CALLER else "task"


async def ask_everything(app: FastAPI, tasks: FakeTaskService) -> list[Cell]:
    cells: list[Cell] = []
    task_id = ""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        for method, path in routes_of(app):
            kind = belongs_to(method, path)
            for caller, headers in (*REFUSED.items(), *KEYS.items()):
                if method != "GET" or not task_id:
                    task_id = await finished_film(client, tasks)
                link = (await client.get(f"/photos/{task_id}", headers=KEYS["alice"])).json()["share_url"]
                address = path.replace("{task_id}", task_id).replace("{token}", link.rpartition("/")[2])
                address = address.replace("{name}", "app.js").replace("{look}", "noir").replace("{share_id}", "own")
                if method == "GET" and path == "/events" and caller in KEYS:
                    continue  # it never ends; HEAD is asked likewise
                status = (await client.request(method, address, headers=headers, follow_redirects=False)).status_code
                cells.append(Cell(caller, method, path, status, _wanted(kind, caller)))
    return cells


async def finished_film(client: httpx2.AsyncClient, tasks: FakeTaskService) -> str:
    sent = await client.post(
        "/photos", params={"duplicate": "allow"}, content=jpeg(), headers=KEYS["alice"] | {"content-type": "image/jpeg"}
    )
    task_id = str(sent.json()["task_id"])
    tasks.finish(task_id)
    for ending in (".mp3", ".lrc"):
        with tasks.store.create(f"output/{task_id}{ending}", content_type="text/plain") as draft:
            draft.write_bytes(b"la")
    return task_id


def _wanted(kind: str, caller: str) -> str:
    if kind in {"nobody", "link"}:
        return "in"
    if caller in REFUSED:
        return "401"
    return "404" if kind == "task" and caller == "bob" else "in"


def _is_right(cell: Cell) -> bool:
    if cell.wanted == "in":
        return cell.status not in {401, 403, 404} and cell.status < 500
    return str(cell.status) == cell.wanted


def test_every_route_opens_for_whom_it_should_and_for_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who guesses keys is slowed down, which has tests of its own.
    monkeypatch.setattr("auratune.web.app._WRONG_KEYS_PER_MINUTE", 100_000)
    cells = asyncio.run(ask_everything(*application(tmp_path)))
    assert len(cells) > 250
    assert [cell for cell in cells if not _is_right(cell)] == []


def test_every_public_route_is_known_here(tmp_path: Path) -> None:
    """A route that is new must be put into one of the sets above, or name a task."""
    app, _ = application(tmp_path)
    unknown = {
        path for method, path in routes_of(app) if belongs_to(method, path) == "task" and "{task_id}" not in path
    }
    assert unknown == set()


def test_forged_tokens_open_nothing() -> None:
    dice = random.Random(1)
    keys = ApiKeys({"alice": "secret-a", "bob": "secret-b"})
    signer = TokenSigner(b"the service's own secret", keys)
    stranger = TokenSigner(b"another secret", keys)
    task_id = "0b7e1f5e-6f0a-4b5e-9a51-0d1c6a3f2b11"
    session, share = signer.session("alice", seconds=60), signer.own_share(task_id, "alice")
    good = {session, share}
    seeds = [session, share, stranger.session("bob", seconds=60), stranger.own_share(task_id, "bob"), ""]
    accepted = []
    for _ in range(FORGED_TOKENS):
        forged = _forge(dice.choice(seeds), dice)
        if forged in good:
            continue
        if signer.session_of(forged) is not None:
            accepted.append(forged)
        with pytest.raises(LinkUnknown):
            signer.shared(forged)
    assert accepted == []
    # A session is no link, and a link no session.
    assert signer.session_of(share) is None
    with pytest.raises(LinkUnknown):
        signer.shared(session)


def _forge(token: str, dice: random.Random) -> str:
    letters = list(token)
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(letters) + 1)
        way = dice.randrange(5)
        if way == 0:
            letters[at:] = []
        elif way == 1:
            letters.insert(at, dice.choice("AZaz09-_.= ~é"))
        elif way == 2 and letters:
            letters[at % len(letters)] = dice.choice("ABCDEFabcdef0123456789-_.")
        elif way == 3:
            letters = letters[at:] + letters[:at]
        elif "." in letters:
            cut = letters.index(".")
            letters[cut + 1 :] = f"{dice.getrandbits(160):x}"[: len(letters) - cut]
    return "".join(letters)
