"""Values and errors as JSON, each under its own name, so that a checkpoint can be read by people and by later versions.

Pickle is not used anywhere: a checkpoint or a child process must not be able to run code.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import msgspec

from auratune.core import beat_grid, errors, film, geometry, options, photo, scene, song, storyboard, task, treatment

_TAG = "$"
_FORMER_NAMES = {
    "Wishes": "Options",
    "Order": "SongRequest",
    "BadPhoto": "InvalidPhoto",
    "BadWish": "InvalidOption",
    "BadSetting": "InvalidSetting",
    "BadSong": "InvalidSong",
    "ProviderMadeNoSense": "ProviderInvalidResponse",
    "WorkFailed": "SubprocessFailed",
    "StoreError": "StorageError",
}
"""Names that version 0.1 wrote, and what they are called now."""
_MODULES = (beat_grid, film, geometry, options, photo, scene, song, storyboard, task, treatment)


@cache
def _values() -> dict[str, type]:
    return {
        kind.__name__: kind
        for module in _MODULES
        for kind in vars(module).values()
        if isinstance(kind, type)
        and kind.__module__.startswith("auratune.core")
        and (dataclasses.is_dataclass(kind) or issubclass(kind, str))
    }


@cache
def _errors() -> dict[str, type[errors.AuraTuneError]]:
    return {
        kind.__name__: kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.AuraTuneError)
    }


def to_plain(value: Any) -> Any:
    """Turn a core value, an error, or a container of them into what JSON can hold.

    Raises `TypeError` for anything that is neither plain nor of the core.
    """
    if isinstance(value, BaseException):
        return _error_to_plain(value)
    name = type(value).__name__
    if _values().get(name) is type(value):
        return {_TAG: name, "value": msgspec.to_builtins(value)}
    if isinstance(value, tuple):
        return {_TAG: "tuple", "value": [to_plain(item) for item in value]}
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{name} is not a value of the core")


def from_plain(plain: Any) -> Any:
    """Turn what `to_plain` made back into the value.

    An unknown error becomes a plain `AuraTuneError`; an unknown value raises `LookupError`.
    """
    if isinstance(plain, list):
        return [from_plain(item) for item in plain]
    if not isinstance(plain, dict):
        return plain
    name = plain.get(_TAG)
    if name is None:
        return {key: from_plain(item) for key, item in plain.items()}
    if name == "tuple":
        return tuple(from_plain(item) for item in plain["value"])
    if name == "error":
        return _error_from_plain(plain)
    name = _FORMER_NAMES.get(name, name)
    if name not in _values():
        raise LookupError(f"no value is called {name!r}; was this written by a newer version?")
    return msgspec.convert(plain["value"], type=_values()[name])


def dumps(value: Any) -> bytes:
    """A value as JSON bytes."""
    return msgspec.json.encode(to_plain(value))


def loads(data: bytes | str) -> Any:
    """The value back from JSON."""
    return from_plain(msgspec.json.decode(data))


def _error_to_plain(error: BaseException) -> dict[str, Any]:
    known = error if isinstance(error, errors.AuraTuneError) else None
    plain: dict[str, Any] = {
        _TAG: "error",
        "class": type(error).__name__,
        # The text of a foreign error may hold a path or a secret, so only its class is kept.
        "message": known.message if known else "Something went wrong inside AuraTune; the log says what.",
        "code": known.code if known else "internal_error",
        "retryable": known.retryable if known else False,
    }
    if isinstance(error, errors.ProviderError):
        plain["provider"] = error.provider
        plain["retry_after_seconds"] = error.retry_after_seconds
    return plain


def _error_from_plain(plain: dict[str, Any]) -> errors.AuraTuneError:
    kind = _errors().get(_FORMER_NAMES.get(plain["class"], plain["class"]), errors.AuraTuneError)
    extra: dict[str, Any] = {}
    if issubclass(kind, errors.ProviderError):
        extra = {
            "provider": plain.get("provider", ""),
            "retry_after_seconds": plain.get("retry_after_seconds"),
        }
    return kind(plain["message"], code=plain["code"], retryable=plain["retryable"], **extra)
