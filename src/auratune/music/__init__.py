"""Sound: composing, listening, mixing."""
