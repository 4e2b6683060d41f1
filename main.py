"""Start the service: `pip install -r requirements.txt && python main.py`."""

from auratune.cli import app

if __name__ == "__main__":
    app(["serve"])
