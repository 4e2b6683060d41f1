"""ElevenLabs Music: composer."""
