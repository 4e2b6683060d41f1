"""The film so far, as objects that any node can join: what the encoder has written since the piece before."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING

from auratune.core.errors import StorageError
from auratune.core.film import PREVIEW_END, preview_prefix

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from auratune.core.ports import ObjectStore

_PIECE_SECONDS = 0.1


class PreviewPublisher:
    """Publishes a growing file while its block runs, in pieces, which are removed when the block raises.

    After a good end they stay for those who watch more slowly than the film is drawn; the janitor removes them later.
    A preview is a convenience: when the store fails, the film goes on without it.
    """

    def __init__(self, store: ObjectStore, task_id: str, path: Path) -> None:
        self._store, self._task_id, self._path = store, task_id, path
        self._prefix = f"{preview_prefix(task_id)}/{uuid.uuid4().hex[:12]}"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="preview", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if kind is not None:
            self._clear()

    def _work(self) -> None:
        # A rendering that was killed has left its pieces.
        self._clear()
        number, position, is_over = 0, 0, False
        while not is_over:
            is_over = self._ended.wait(_PIECE_SECONDS)
            try:
                piece = self._read_from(position)
                if piece:
                    with self._store.create(f"{self._prefix}/{number:05d}.mp4", content_type="video/mp4") as path:
                        path.write_bytes(piece)
                    number, position = number + 1, position + len(piece)
                if is_over:
                    with self._store.create(f"{self._prefix}/{PREVIEW_END}", content_type="text/plain") as path:
                        path.touch()
            except (StorageError, OSError):
                return

    def _read_from(self, position: int) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(position)
                return file.read()
        except FileNotFoundError:
            return b""

    def _clear(self) -> None:
        try:
            self._store.delete_prefix(preview_prefix(self._task_id))
        except (StorageError, OSError):
            return
