"""`python -m tests.cluster.node FOLDER VENDOR_URL SECONDS`: a worker with quick stages.

Its back end is in its environment.

It ends with exit code 75 when it was paused for so long that others took over its work.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from tests.recovery.quick_providers import Behaviour, quick_service

from auratune.storage import open_store
from auratune.tasks.workers import Membership

BEAT_SECONDS, STALE_SECONDS = 1.0, 5.0


def main() -> None:
    folder, vendor_url, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    slots = int(sys.argv[4]) if sys.argv[4:] else 2
    given = os.environ
    store = open_store(
        given["STORAGE_URL"],
        folder,
        access_key_id=given["AWS_ACCESS_KEY_ID"],
        secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        endpoint=given["AWS_ENDPOINT_URL"],
        region=given["AWS_REGION"],
    )
    behaviour = Behaviour(seconds=seconds, counter_url=vendor_url, first_cut=Behaviour(seconds=seconds / 4))
    member = Membership("worker", beat_seconds=BEAT_SECONDS, stale_seconds=STALE_SECONDS, on_lost=lambda: os._exit(75))
    service = quick_service(
        folder, behaviour, store=store, database_url=given["DATABASE_URL"], slots=slots, membership=member
    )
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    service.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    ended.wait()
    service.close()


if __name__ == "__main__":
    main()
