"""From a music brief to a score: plan, harmony, melody, bass, drums, and the timing of players."""
