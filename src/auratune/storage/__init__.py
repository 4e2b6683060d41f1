"""Where big bytes are kept: photos, songs and films, under keys."""

from __future__ import annotations

from auratune.storage.local import LocalStore

STORES = {"local": LocalStore}
"""Every kind of store by its name."""
