"""What can be wrong with a request; `errors.py` says which status each has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core import errors

if TYPE_CHECKING:
    from collections.abc import Mapping


class BadBody(errors.AuraTuneError):
    """The body of a request cannot be read as what it says it is."""

    code = "bad_body"


class BodyTooLarge(errors.AuraTuneError):
    """The body is larger than the service takes."""

    code = "photo_too_large"


class BodyStalled(errors.AuraTuneError):
    """The body stopped coming."""

    code = "body_stalled"
    retryable = True


class WrongContentType(errors.AuraTuneError):
    """The Content-Type is none that the route reads."""

    code = "unsupported_content_type"


class KeyNeeded(errors.AuraTuneError):
    """No key, or not one that the service knows."""

    code = "key_needed"


class NotAllowed(errors.AuraTuneError):
    """The request comes from an origin or host that may not make it."""

    code = "not_allowed"


class LinkExpired(errors.AuraTuneError):
    """A share link is past its time."""

    code = "link_expired"


class LinkUnknown(errors.AuraTuneError):
    """A share link is not one of ours, or was altered."""

    code = "link_unknown"


class LinkRevoked(errors.AuraTuneError):
    """A share link was ended by the film's owner."""

    code = "link_revoked"


class TooManyRequests(errors.AuraTuneError):
    """The caller asks for more than its allowance."""

    code = "too_many_requests"
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        retry_after_seconds: float,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after_seconds = retry_after_seconds
        self.headers = dict(headers or {})


class PreconditionFailed(errors.AuraTuneError):
    """What the client holds is not what the service has."""

    code = "precondition_failed"
