"""`python -m tests.simulators`: the vendors on loopback, and the settings that point the service at them."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from tests.simulators.acestep import AceStepSimulator
from tests.simulators.claude import ClaudeSimulator
from tests.simulators.elevenlabs import ElevenLabsSimulator
from tests.simulators.lyria import LyriaSimulator
from tests.simulators.openai_compatible import OpenAICompatibleSimulator
from tests.simulators.suno import SunoSimulator

KEY = "simulated-key"


def main(argv: Sequence[str] | None = None) -> None:
    """Start them, print the settings, and run until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="simulators", description=__doc__)
    parser.add_argument("--speed", type=float, default=1.0, help="times faster than the real vendors")
    parser.add_argument("--port", type=int, default=8801, help="first of six ports; 0 takes free ones")
    options = parser.parse_args(argv)
    ports = [options.port + index if options.port else 0 for index in range(6)]
    with ExitStack() as running:
        claude = running.enter_context(ClaudeSimulator(key=KEY, speed=options.speed, port=ports[0]))
        suno = running.enter_context(SunoSimulator(key=KEY, speed=options.speed, port=ports[1]))
        elevenlabs = running.enter_context(ElevenLabsSimulator(key=KEY, speed=options.speed, port=ports[2]))
        lyria = running.enter_context(LyriaSimulator(key=KEY, speed=options.speed, port=ports[3]))
        acestep = running.enter_context(AceStepSimulator(speed=options.speed, port=ports[4]))
        model = running.enter_context(OpenAICompatibleSimulator(speed=options.speed, port=ports[5]))
        lines = [
            "Start the service with these settings, in its environment or in .env (leave out what you do not try):"
        ]
        settings = (
            ("CLAUDE_API_KEY", KEY),
            ("ANTHROPIC_BASE_URL", claude.base_url),
            ("OPENAI_MODEL", model.model),
            ("OPENAI_BASE_URL", model.base_url),
            ("ELEVENLABS_API_KEY", KEY),
            ("ELEVENLABS_BASE_URL", elevenlabs.base_url),
            ("LYRIA_API_KEY", KEY),
            ("LYRIA_BASE_URL", lyria.base_url),
            ("ACESTEP_URL", acestep.base_url),
            ("SUNO_API_KEY", KEY),
            ("SUNO_BASE_URL", suno.base_url),
        )
        lines.append("")
        lines += [f"{name}={value}" for name, value in settings]
        sys.stdout.write("\n".join([*lines, "", ""]))
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


if __name__ == "__main__":
    main()
