"""From stems to a finished track: mix, tone, loudness, and the soundtrack of a film."""
