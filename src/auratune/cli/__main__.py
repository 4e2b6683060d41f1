"""`python -m auratune.cli`: the same as the `auratune` command."""

from auratune.cli import app

if __name__ == "__main__":
    app()
