"""Who receives webhooks, as a server: checks every signature by itself, and has bad days to order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass

from tests.simulators.faults import AFTER_ACCEPTANCE, Faults, strike
from tests.simulators.server import Answer, Asked, Simulator, told

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
_TOLERANCE_SECONDS = 300


@dataclass(frozen=True)
class Received:
    """One delivery, whatever was answered."""

    path: str
    webhook_id: str
    is_genuine: bool
    """Whether the signature is that of the body, and the time is now."""
    body: bytes


class WebhookReceiver(Simulator):
    """Takes deliveries at any path. Faults of a path, see `faults.py`; `redirect` leads to `/elsewhere`."""

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(port=port)
        self.faults = Faults()
        self.received: list[Received] = []
        self.taken: list[str] = []
        """Ids of the deliveries that were taken, also where the answer was lost."""

    async def handle(self, asked: Asked) -> Answer:
        webhook_id = asked.headers.get("webhook-id", "")
        self.received.append(Received(asked.path, webhook_id, is_genuine(asked), asked.body))
        fault = self.faults.next(asked.path)
        if not fault or fault in AFTER_ACCEPTANCE:
            self.taken.append(webhook_id)
        if fault == "redirect":
            return Answer(302, headers={"Location": f"{self.url}/elsewhere"})
        if fault and (answer := await strike(fault)):
            return answer
        return told({})


def is_genuine(asked: Asked) -> bool:
    """The rule of standardwebhooks.com, written down a second time."""
    webhook_id, stamp = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    right = hmac.new(key, f"{webhook_id}.{stamp}.".encode() + asked.body, hashlib.sha256).digest()
    signatures = asked.headers["webhook-signature"].split(" ")
    return f"v1,{base64.b64encode(right).decode()}" in signatures and abs(time.time() - int(stamp)) < _TOLERANCE_SECONDS
