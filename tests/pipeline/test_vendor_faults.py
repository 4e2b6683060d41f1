"""A vendor's fault through the service: how the task ends by HTTP, what its receipt says, and what was paid.

All kinds of fault: `python -m tests.simulators.service_matrix`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.simulators.matrix import KEYS, KINDS
from tests.simulators.service_matrix import faulty_service

if TYPE_CHECKING:
    from pathlib import Path

_CHOSEN = {
    "claude messages reset_after",
    "openai chat only_thought",
    "suno clip moderation",
    "elevenlabs music cut_200",
    "lyria interactions no_audio",
    "acestep audio html_200",
}


@pytest.mark.slow
def test_whatever_a_vendor_does_the_task_ends_well_or_with_a_true_code_and_pays_once(tmp_path: Path) -> None:
    kinds = [kind for kind in KINDS if kind.name in _CHOSEN]
    assert {kind.vendor for kind in kinds} == set(KEYS)
    with faulty_service(tmp_path, KEYS) as service:
        # Half of them where another provider steps in, half where the vendor's failure is the task's.
        for strict, some in ((False, kinds[::2]), (True, kinds[1::2])):
            tried = service.try_all(some, strict=strict)
            assert {one.kind.name: one.fault for one in tried if one.fault} == {}
            assert {one.film["status"] for one in tried} == {"error" if strict else "done"}
