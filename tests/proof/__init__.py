"""Proofs that take longer than a test: each prints a table and, with `--json FILE`, writes it to a file."""
