"""`auratune api`: answer requests and leave the work on films to `auratune worker` processes."""

from __future__ import annotations

from auratune.cli.serve import Host, Port, answer


def api(host: Host = None, port: Port = None) -> None:
    """Answer requests only; films are made by `auratune worker` processes on the same Postgres and S3."""
    answer(host, port, "api")
