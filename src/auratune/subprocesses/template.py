"""A process that has imported the heavy modules and forks a child for each job, so that no child imports them anew.

Linux only: elsewhere forking a process that has loaded system frameworks is not safe, and children are started afresh.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

from auratune.subprocesses import child
from auratune.subprocesses.process import ForkedProcess, child_environment

if TYPE_CHECKING:
    from types import FrameType

_START_SECONDS = 60.0
_STOP_SECONDS = 2.0
_PROGRAM = "from auratune.subprocesses.template import main; main()"
_FORK = b"fork"


class Template:
    """The parent's end of a template process. Starts at once; `fork` waits until its imports are done."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_START_SECONDS)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=child_environment(),
            )

    def fork(self) -> ForkedProcess:
        """Start a child. Raises `OSError` when the template cannot, as when it was killed for want of memory."""
        with contextlib.ExitStack() as opened:
            pipes = [os.pipe() for _ in range(3)]
            (stdin, stdin_write), (stdout_read, stdout), (stderr_read, stderr) = pipes
            theirs, ours = (stdin, stdout, stderr), (stdin_write, stdout_read, stderr_read)
            for descriptor in theirs:
                opened.callback(os.close, descriptor)
            with contextlib.ExitStack() as on_failure:
                for descriptor in ours:
                    on_failure.callback(os.close, descriptor)
                with self._lock:
                    socket.send_fds(self._control, [_FORK], theirs)
                    reply, handles, _, _ = socket.recv_fds(self._control, 32, 1)
                if not reply:
                    raise ConnectionError("the template process has ended")
                on_failure.pop_all()
        return ForkedProcess(int(reply), handles[0], *ours)

    def close(self) -> None:
        """End the template; children that it started go on."""
        self._control.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main() -> NoReturn:
    """The template process: import, then fork a child whenever the parent asks."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        importlib.import_module(module)
    # What is there now lives as long as the process; collecting it would only copy pages that children share.
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, len(_FORK), 3)
        if not request:
            os._exit(0)
        # A child that dies at once must not be reaped before its handle is open.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            control.close()
            _become_child(descriptors)
        handle = os.pidfd_open(pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        socket.send_fds(control, [str(pid).encode()], [handle])
        for descriptor in (*descriptors, handle):
            os.close(descriptor)


def _reap(number: int, frame: FrameType | None) -> None:
    del number, frame
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become_child(descriptors: list[int]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
        os.close(descriptor)
    try:
        child.main()
    finally:
        os._exit(1)
