"""Set AuraTune up and make a five-second film on every installed Python that it supports; print a table.

`make pythons`, or `python scripts/try_pythons.py UV`. Which Pythons are installed is what `uv python list
--only-installed` shows (it looks in PATH). Each gets an environment of its own in a temporary folder.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 14)
DRAW = "from PIL import Image; Image.linear_gradient('L').convert('RGB').save('photo.jpg')"
FILM = ("film", "photo.jpg", "--seconds", "5", "--size", "240", "--out", "film.mp4")


def installed(uv):
    """One program for each installed version of Python from the oldest to the newest."""
    command = [uv, "python", "list", "--only-installed", "--output-format", "json"]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    programs = {}
    for python in found:
        version = python["version_parts"]
        if OLDEST <= (version["major"], version["minor"]) <= NEWEST and python["implementation"] == "cpython":
            programs.setdefault(python["version"], python["path"])
    return programs


def try_python(uv, program, root):
    """Set up and make a film; the error's last lines, or an empty string."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(Path(folder) / "venv"), "TEMP_DIR": folder}
        set_up = [uv, "sync", "--project", str(root), "--locked", "--quiet", "--no-dev", "--python", program]
        scripts = Path(folder) / "venv" / ("Scripts" if os.name == "nt" else "bin")
        for command in (set_up, [str(scripts / "python"), "-c", DRAW], [str(scripts / "auratune"), *FILM]):
            done = subprocess.run(command, check=False, cwd=folder, env=environment, capture_output=True, text=True)
            if done.returncode:
                return "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        return "" if (Path(folder) / "film.mp4").stat().st_size > 10_000 else "The film is empty."


def main():
    """Try all; the exit code tells whether all worked."""
    uv = sys.argv[1] if len(sys.argv) > 1 else "uv"
    root = Path(__file__).resolve().parents[1]
    failures = 0
    for version, program in sorted(installed(uv).items()):
        began = time.monotonic()
        error = try_python(uv, program, root)
        failures += bool(error)
        print(f"{version:10} {'failed' if error else 'ok':7} {time.monotonic() - began:6.1f} s  {error}".rstrip())
    return min(1, failures)


if __name__ == "__main__":
    raise SystemExit(main())
