"""Writes the workflow engine's checkpoints as JSON by tag instead of pickle: readable, and unable to run code."""

from __future__ import annotations

from typing import Any

from dbos import Serializer

from auratune.core import serialization


class CheckpointCodec(Serializer):
    """Serialises core values and errors; an error that the core does not know comes back as a plain `AuraTuneError`."""

    def serialize(self, data: Any) -> str:
        """A value or an error as JSON text. Raises `TypeError` for anything else."""
        return serialization.dumps(data).decode()

    def deserialize(self, serialized_data: str) -> Any:
        """The value or error back."""
        return serialization.loads(serialized_data)

    def name(self) -> str:
        """Stands beside every checkpoint, so that it is never read by another codec."""
        return "auratune_json"
