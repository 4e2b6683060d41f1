"""AuraTune turns one photo into a 30-second music video. Start reading at `pipeline.py`."""

__version__ = "0.1.0"
