"""Every kind of fault once, through the service: how a task ends by HTTP, what its receipt says, and what was paid.

`python -m tests.simulators.service_matrix` tries each kind twice and prints what was wrong: as it is set up as a rule,
where the next provider steps in, and with a strict chain, where the vendor's failure is the task's. It ends with 1
where a task ended otherwise than it should. Vendors are stand-ins, and films are not drawn; all else is real.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image
from tests.recovery.quick_providers import Behaviour, quick_film
from tests.simulators.matrix import (
    KEYS,
    KINDS,
    SHORTEST_FILM,
    WRITERS,
    Kind,
    OnceObserver,
    QuickComposer,
    provider_of,
    simulator_of,
)
from tests.waiting import DEADLINE_SECONDS, wait_until
from tests.web.conftest import running

from auratune.core.context import StageContext
from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.core.providers import Providers
from auratune.core.scene import Scene
from auratune.core.song import Song, SongRequest
from auratune.core.treatment import MusicBrief, Treatment
from auratune.providers.acestep.composer import NOTICE as ACESTEP_NOTICE
from auratune.providers.chain import ComposerChain, Rules, SongwriterChain, VisionModelChain
from auratune.providers.embedded.songwriter import EmbeddedSongwriter
from auratune.settings import Settings
from auratune.storage.local import LocalStore
from auratune.subprocesses import SubprocessPool
from auratune.tasks.service import TaskService
from auratune.telemetry import Telemetry
from auratune.web.app import create_app

_PRELOAD = ("auratune.vision.decode", "auratune.vision.analyze", "auratune.music.song_check")
_ENDED = {"done", "error", "cancelled"}
_REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference.md"


@dataclass
class _Opened:
    """What the application is built from."""

    settings: Settings
    store: LocalStore
    tasks: TaskService
    telemetry: Telemetry


class _Chains:
    """Providers whose only vendor is the one that a film's title names, with or without another to step in.

    Itself vision model, songwriter and composer.
    """

    name = "chains"

    def __init__(self, simulators: dict[str, Any]) -> None:
        self._vision: dict[str, VisionModelChain] = {}
        self._words: dict[str, SongwriterChain] = {}
        self._music: dict[str, ComposerChain] = {}
        for vendor, simulator in simulators.items():
            provider = provider_of(vendor, simulator)
            writers, composers = ([provider], []) if vendor in WRITERS else ([], [provider])
            for strict in (False, True):
                title, rules = _title(vendor, strict=strict), Rules(strict=strict)
                self._vision[title] = VisionModelChain([*writers, OnceObserver()], rules=rules)
                self._words[title] = SongwriterChain([*writers, EmbeddedSongwriter()], rules=rules)
                self._music[title] = ComposerChain([*composers, QuickComposer()], rules=rules)

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        return self._vision[options.title].analyze(context, photo, options)

    def write(self, context: StageContext, photo: Photo, scene: Scene, options: Options) -> Treatment:
        return self._words[options.title].write(context, photo, scene, options)

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        return self._music[brief.title].order(context, brief)

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        return self._music[order.brief.title].collect(context, order)


@dataclass
class Tried:
    """A kind of fault, and the task that met it."""

    kind: Kind
    strict: bool
    film: dict[str, Any]
    paid: int

    @property
    def fault(self) -> str:
        """What is wrong with it; empty when all is as it should be."""
        film, kind = self.film, self.kind
        maker = film["words_by" if kind.vendor in WRITERS else "music_by"]
        states = [line["state"] for line in film["receipt"] if line["vendor"] == kind.vendor]
        charged = [state for state in states if state != "refused"]
        notices = [notice for notice in film["notices"] if notice != ACESTEP_NOTICE]
        code = film["error_code"] or ""
        wrongs = {
            f"paid {self.paid} times, the receipt says {states}": self.paid > len(charged),
            f"paid or unclear {len(charged)} times": len(charged) > 1,
            "a key was told": KEYS[kind.vendor] in json.dumps(film),
        }
        if film["status"] == "error":
            wrongs["a film was lost"] = not self.strict
            wrongs[f"ended with {code}, which is not documented"] = f"`{code}`" not in _REFERENCE.read_text(
                encoding="utf-8"
            )
            wrongs[f"an unclear payment is called {code}"] = states[-1:] == ["intent"] and not _is_unclear(code)
        else:
            wrongs[f"ended as {film['status']}"] = film["status"] != "done"
            wrongs[f"notices {notices}"] = bool(notices) != (maker == "embedded")
            wrongs[f"paid {self.paid} times instead of {kind.paid}"] = not self.strict and self.paid != kind.paid
            wanted = kind.vendor if self.strict else kind.maker
            wrongs[f"made by {maker} instead of {wanted}"] = maker != wanted
        return "; ".join(wrong for wrong, holds in wrongs.items() if holds)


class FaultyService:
    """One service for all vendors; the faults of each happen one after the other."""

    def __init__(self, client: httpx2.Client, simulators: dict[str, Any]) -> None:
        self._client = client
        self._simulators = simulators

    def try_all(self, kinds: Iterable[Kind], *, strict: bool) -> list[Tried]:
        """Each kind once, the vendors side by side."""
        by_vendor: dict[str, list[Kind]] = {}
        for kind in kinds:
            by_vendor.setdefault(kind.vendor, []).append(kind)
        with ThreadPoolExecutor(len(by_vendor)) as pool:
            tried = pool.map(lambda each: [self.try_one(kind, strict=strict) for kind in each], by_vendor.values())
            return [one for each in tried for one in each]

    def try_one(self, kind: Kind, *, strict: bool) -> Tried:
        """Send a photo, and follow it to its end."""
        simulator = self._simulators[kind.vendor]
        simulator.faults.clear()
        simulator.faults.plan(kind.route, *kind.faults)
        paid_before = len(simulator.paid)
        query = {
            "title": _title(kind.vendor, strict=strict),
            "seconds": f"{SHORTEST_FILM:g}",
            "excerpt": "best" if kind.whole_song else "fast",
        }
        sent, headers = _photo(), {"content-type": "image/jpeg"}

        def accepted() -> httpx2.Response | None:
            # Of photos that come at the same moment some are told to come again.
            answer = self._client.post("/photos", params=query, content=sent, headers=headers)
            return None if answer.status_code == 429 else answer.raise_for_status()

        address = f"/photos/{wait_until(accepted, 'the photo is taken').json()['task_id']}"
        wait_until(
            lambda: self._client.get(f"{address}/status").json()["status"] in _ENDED, f"{kind.name} ends", seconds=120.0
        )
        return Tried(kind, strict, self._client.get(address).json(), len(simulator.paid) - paid_before)


@contextmanager
def faulty_service(folder: Path, vendors: Iterable[str]) -> Iterator[FaultyService]:
    """A service in this process, and its vendors."""
    with ExitStack() as stack:
        simulators = {vendor: stack.enter_context(simulator_of(vendor)) for vendor in vendors}
        settings = Settings(_env_file=None, temp_dir=folder, rate_limit=100_000)
        store, chains, subprocesses = LocalStore(folder), _Chains(simulators), SubprocessPool(*_PRELOAD)
        stack.callback(subprocesses.close)
        tasks = TaskService(
            providers=Providers(chains, chains, chains),
            store=store,
            subprocesses=subprocesses,
            data_folder=folder,
            pipeline=quick_film(Behaviour()),
            slots=len(simulators),
        )
        tasks.start()
        stack.callback(tasks.close)
        opened = _Opened(settings, store, tasks, Telemetry())
        port = stack.enter_context(running(create_app(opened)))  # type: ignore[arg-type]
        client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE_SECONDS)
        yield FaultyService(stack.enter_context(client), simulators)


def _title(vendor: str, *, strict: bool) -> str:
    return f"{vendor} alone" if strict else f"{vendor} first"


def _photo() -> bytes:
    """A photo that was not sent before: the same one again would be the same task."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "JPEG", comment=uuid.uuid4().hex)
    return buffer.getvalue()


def _is_unclear(code: str) -> bool:
    return code in {"provider_outcome_unknown", "provider_timed_out"}


def main(argv: Sequence[str] | None = None) -> None:
    """Try all kinds, print what was wrong, and exit with 1 where something was."""
    parser = argparse.ArgumentParser(prog="service_matrix", description=__doc__)
    parser.add_argument("--vendor", nargs="+", choices=KEYS, default=list(KEYS))
    options = parser.parse_args(argv)
    kinds = [kind for kind in KINDS if kind.vendor in options.vendor]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, faulty_service(Path(folder), options.vendor) as service:
        tried = [*service.try_all(kinds, strict=False), *service.try_all(kinds, strict=True)]
    wrong = [one for one in tried if one.fault]
    for one in wrong:
        sys.stdout.write(f"{one.kind.name} ({'strict' if one.strict else 'as a rule'}): {one.fault}\n")
    done = sum(one.film["status"] == "done" for one in tried)
    sys.stdout.write(
        f"{len(tried)} tasks, {done} done, {len(tried) - done} ended with a code; {len(wrong)} wrong; "
        f"{time.monotonic() - began:.0f} s\n"
    )
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
