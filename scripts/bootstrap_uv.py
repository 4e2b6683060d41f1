"""Fetch uv (the installer) from the public package index when the machine has none; needs nothing but Python.

pip is asked first, because it knows the machine's proxies and mirrors. Debian's bare python3 comes without pip and
venv, so the fall-back reads the wheel with the standard library: it is a zip file with the program in it, and the
checksum that the index states is checked. Usage: python3 scripts/bootstrap_uv.py TARGET_FOLDER
"""

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

VERSION = "0.13.9"


INDEX = "https://pypi.org/simple/uv/"
JSON = "application/vnd.pypi.simple.v1+json"


def by_pip(target):
    """Install uv into a small environment of its own; False where this Python cannot."""
    room = target.parent / "venv"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if subprocess.run([sys.executable, "-m", "venv", str(room)], check=False, **quiet).returncode:
        shutil.rmtree(room, ignore_errors=True)
        return False
    if subprocess.run([str(room / "bin/pip"), "install", "--quiet", f"uv=={VERSION}"], check=False).returncode:
        shutil.rmtree(room, ignore_errors=True)
        return False
    draft = target.with_suffix(f".{os.getpid()}")
    shutil.copy2(room / "bin/uv", draft)
    draft.replace(target)
    shutil.rmtree(room, ignore_errors=True)
    return True


def wheel_tags():
    """The parts of the wheel's name that say which machine it is for."""
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if sys.platform == "darwin":
        return ("macosx", "arm64" if machine == "aarch64" else machine)
    return ("musllinux" if Path("/etc/alpine-release").exists() else "manylinux", machine)


def find_wheel():
    """Address and checksum of the wheel for this machine."""
    request = urllib.request.Request(INDEX, headers={"Accept": JSON})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    system, machine = wheel_tags()
    for file in files:
        name = file["filename"]
        if name.startswith(f"uv-{VERSION}-") and name.endswith(f"{machine}.whl") and system in name:
            return urllib.parse.urljoin(INDEX, file["url"]), file["hashes"]["sha256"]
    raise SystemExit(f"There is no uv for this machine ({system} {machine}); install it by hand and run make again.")


def by_hand(target):
    """Read the program out of its wheel."""
    address, checksum = find_wheel()
    with urllib.request.urlopen(address, timeout=300) as answer:
        wheel = answer.read()
    if hashlib.sha256(wheel).hexdigest() != checksum:
        raise SystemExit("The download of uv was damaged; run make again.")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        draft = target.with_suffix(f".{os.getpid()}")
        draft.write_bytes(archive.read(member))
    draft.chmod(0o755)
    draft.replace(target)


def main():
    """Put the program into the folder."""
    target = Path(sys.argv[1]) / "uv"
    target.parent.mkdir(parents=True, exist_ok=True)
    print(f"Fetching uv {VERSION} ...", file=sys.stderr)
    if not by_pip(target):
        by_hand(target)


if __name__ == "__main__":
    main()
