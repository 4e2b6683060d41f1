"""Flaky receivers of webhooks, and a service that is killed twice: who was told what, in the end.

`python -m tests.recovery.webhooks --receivers 40` is the long version. Each receiver is a server of its own with bad
days ahead: errors, redirects, silence, resets before and after it took the message.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.recovery.quick_providers import WEBHOOKS
from tests.recovery.quick_service import QuickService
from tests.simulators.webhook_receiver import SECRET, WebhookReceiver
from tests.waiting import wait_until

from auratune.core.task import WebhookDelivery
from auratune.tasks import deliveries
from auratune.tasks.database import Database

_FAULTS = (
    *("500", "503", "404", "429:1", "gateway_502", "redirect", "html_200"),
    *("reset_before", "reset_after", "silence_before", "silence_after"),
)
_MOST_FAULTS = 4


@dataclass(frozen=True)
class Result:
    """What came of it."""

    receivers: int
    told: int
    """Receivers that took the message in the end."""
    posts: int
    forged: int
    """Posts whose signature is not that of their body."""
    more_ids: int
    """Receivers that were sent more than one id for their film."""
    delivered: int
    """Deliveries that the service knows to be done."""

    @property
    def is_good(self) -> bool:
        return (self.told, self.delivered) == (self.receivers,) * 2 and not self.forged + self.more_ids

    def table(self) -> str:
        return (
            f"receivers {self.receivers}, told {self.told}, delivered {self.delivered}, posts {self.posts}\n"
            f"wrong signatures {self.forged}, receivers with two ids {self.more_ids}, restarts 2"
        )


def run(folder: Path, *, receivers: int, seed: int = 1) -> Result:
    """Send as many photos, each with an address of its own; kill the service twice while it tells of them."""
    assert WEBHOOKS.secret == SECRET
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        servers = [stack.enter_context(WebhookReceiver()) for _ in range(receivers)]
        for server in servers:
            server.faults.plan("/films", *chance.choices(_FAULTS, k=chance.randint(1, _MOST_FAULTS)))
        half = receivers // 2
        tasks = _send(folder, servers[:half], 0, kill_after_posts=half // 2)
        tasks += _send(folder, servers[half:], half, kill_after_posts=half + 1)
        with QuickService(folder, "", seconds=0.0):
            wait_until(lambda: len(_done(folder, tasks)) == receivers, "all webhooks are delivered", seconds=180)
    received = [post for server in servers for post in server.received]
    return Result(
        receivers=receivers,
        told=sum(bool(server.taken) for server in servers),
        posts=len(received),
        forged=sum(not post.is_genuine for post in received),
        more_ids=sum(len({post.webhook_id for post in server.received}) > 1 for server in servers),
        delivered=len(_done(folder, tasks)),
    )


def _send(folder: Path, servers: list[WebhookReceiver], first_seed: int, *, kill_after_posts: int) -> list[str]:
    """Hand in a photo for each receiver, and kill the service when it has posted so often to them."""
    with QuickService(folder, "", seconds=0.0) as service:
        tasks = [service.submit(first_seed + number, f"{server.url}/films") for number, server in enumerate(servers)]
        wait_until(lambda: sum(len(server.received) for server in servers) >= kill_after_posts, "some are told")
    return tasks


def _done(folder: Path, tasks: list[str]) -> list[WebhookDelivery]:
    database = Database(folder)
    found = [each for task in tasks for each in database.read(lambda it, task=task: deliveries.of_task(it, task))]
    database.close()
    return [each for each in found if each.state == "delivered"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receivers", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run(Path(folder) / "data", receivers=choice.receivers, seed=choice.seed)
    sys.stdout.write(result.table() + "\n")
    return 0 if result.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
