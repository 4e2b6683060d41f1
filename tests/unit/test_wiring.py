"""What a service does when it is put together."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.waiting import wait_until

from auratune import wiring
from auratune.providers.vendor import Vendor
from auratune.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_libraries_of_configured_vendors_are_loaded_before_a_film_needs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sdk_of_one", "sdk_of_another"):
        (tmp_path / f"{name}.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    made_up = [
        (Vendor(name="another", title="Another", sdk="sdk_of_another"), False),
        (Vendor(name="built-in", title="Built in"), True),
        (Vendor(name="one", title="One", sdk="sdk_of_one"), True),
    ]
    monkeypatch.setattr(wiring, "vendors", lambda settings: made_up)
    wiring._load_sdks(Settings(_env_file=None))
    wait_until(lambda: "sdk_of_one" in sys.modules, "the library is loaded")
    assert "sdk_of_another" not in sys.modules
