"""Every failure AuraTune knows, each with a stable code.

    AuraTuneError
    ├── BadPhoto                  the caller can act: send another photo
    ├── BadWish                   the caller can act: ask for something else
    ├── BadSetting                the operator can act: mend a setting
    ├── ProviderError             a composer, writer or observer failed
    │   ├── ProviderBusy          overloaded, rate limited, or out of reach; later may work
    │   ├── ProviderRefused       it said no: key, credit, content
    │   ├── ProviderMadeNoSense   it answered, but not with what was asked for
    │   └── ProviderOutcomeUnknown  a paid call may or may not have been made
    ├── BadSong                   sound that cannot be used
    ├── RenderError               the film could not be drawn
    ├── WorkFailed                a child process died, ran out of memory or time
    ├── StoreError                bytes could not be kept or found
    │   └── DiskFull              there is no room for them
    ├── ServiceBusy               no room for another task just now
    │   └── QueueFull             too many tasks wait already
    ├── TaskNotFound              no such task, or not this caller's
    │   └── ShareLinkNotFound     the film has no such share link
    ├── TaskConflict              the task's state does not allow it
    ├── TaskExpired               the film was removed by the retention rule
    └── TaskCancelled             its owner stopped it

Messages say what happened and what to do. They never hold a secret, a path or a traceback.
"""

from __future__ import annotations

import errno


class AuraTuneError(Exception):
    """The root. `code` is stable and for programs, the message for people; `retryable` says if later may work."""

    code = "internal_error"
    retryable = False
    retry_after_seconds: float | None = None
    """When it makes sense to try again, where that is known."""

    def __init__(self, message: str, *, code: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if retryable is not None:
            self.retryable = retryable


class InvalidPhoto(AuraTuneError):
    """The photo cannot be used; another one may."""

    code = "bad_photo"


class InvalidOption(AuraTuneError):
    """An option asks for something that is not to be had."""

    code = "bad_option"


class InvalidSetting(AuraTuneError):
    """A setting is wrong; the service does not start with it."""

    code = "bad_setting"


class ProviderError(AuraTuneError):
    """An observer, writer or composer failed."""

    code = "provider_error"

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        code: str | None = None,
        retryable: bool | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, code=code, retryable=retryable)
        self.provider = provider
        self.retry_after_seconds = retry_after_seconds


class ProviderBusy(ProviderError):
    """Overloaded, rate limited, or out of reach."""

    code = "provider_busy"
    retryable = True


class ProviderRefused(ProviderError):
    """The provider said no: the key, the credit or the content."""

    code = "provider_refused"


class ProviderInvalidResponse(ProviderError):
    """The provider answered, but not with what was asked for."""

    code = "provider_made_no_sense"


class ProviderOutcomeUnknown(ProviderError):
    """A paid call was sent and no answer came back; it is never repeated without a person's word."""

    code = "provider_outcome_unknown"


class InvalidSong(AuraTuneError):
    """Sound that cannot be used: not audio, broken, or too short."""

    code = "bad_song"


class RenderError(AuraTuneError):
    """The film could not be drawn."""

    code = "render_failed"


class SubprocessFailed(AuraTuneError):
    """A child process died, or ran out of memory or time."""

    code = "work_failed"
    retryable = True


class StorageError(AuraTuneError):
    """Bytes could not be kept or found."""

    code = "store_failed"
    retryable = True


class DiskFull(StorageError):
    """There is no room on the disk; what waits for it goes on by itself when there is."""

    code = "disk_full"


class ServiceBusy(AuraTuneError):
    """No room for another task just now."""

    code = "service_busy"
    retryable = True


class QueueFull(ServiceBusy):
    """Too many tasks wait already."""

    code = "queue_full"

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class TaskNotFound(AuraTuneError):
    """There is no such task, or it belongs to someone else."""

    code = "task_not_found"


class ShareLinkNotFound(TaskNotFound):
    """The film has no such share link."""

    code = "share_link_not_found"


class TaskConflict(AuraTuneError):
    """The state of the task does not allow what was asked."""

    code = "task_conflict"


class TaskExpired(AuraTuneError):
    """The film was removed by the retention rule."""

    code = "task_expired"


class TaskCancelled(AuraTuneError):
    """Its owner stopped the task."""

    code = "task_cancelled"


def is_disk_full(error: BaseException) -> bool:
    """Whether an error says that there is no room on a disk, or that a quota is used up."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, AuraTuneError) and error.code == DiskFull.code
