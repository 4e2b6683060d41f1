"""Run one function in a child process with limits on memory, CPU and wall time.

The service process stays small and quick to answer, because numpy, OpenCV and the codecs are only loaded in children; a
hostile photo or a crash of a codec takes down one child and nothing else. Jobs and results cross as JSON by tag
(`core/serialization.py`), never as pickle. A child ends by itself when its parent dies: its standard input closes.
"""

from auratune.subprocesses.pool import SubprocessPool

__all__ = ["SubprocessPool"]
