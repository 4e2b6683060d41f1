"""The command line starts on systems that lack what Linux has: a new process takes modules and functions away first."""

from __future__ import annotations

import subprocess
import sys

import pytest

LACKING = """
import os, signal, socket, sys
import asyncio, multiprocessing, psutil, subprocess  # these have other modules there
for name in ("fcntl", "resource", "termios", "pwd", "grp", "posix_ipc"):
    sys.modules[name] = None
for name in ("pread", "fork", "pidfd_open", "getuid", "geteuid", "nice", "setsid", "killpg", "WNOHANG"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("AF_UNIX", "SOCK_SEQPACKET", "send_fds", "recv_fds"):
    if hasattr(socket, name):
        delattr(socket, name)
for name in ("pthread_sigmask", "SIGCHLD", "SIGKILL", "SIGHUP", "pidfd_send_signal"):
    if hasattr(signal, name):
        delattr(signal, name)
import auratune.cli
import auratune.cli.film
import auratune.subprocesses.child
import auratune.subprocesses.pool
import auratune.vision.decode
auratune.subprocesses.pool._IS_LINUX = False
auratune.cli.app(sys.argv[1:])
"""


@pytest.mark.parametrize("arguments", [["--version"], ["config", "--json"], ["film", "no-such-photo.jpg"]])
def test_without_what_only_linux_has_commands_work_or_say_one_sentence(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LACKING, *arguments], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    if arguments[0] == "film":
        assert done.returncode == 1
        assert "photo_not_found" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
