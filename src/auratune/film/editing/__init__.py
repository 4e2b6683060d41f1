"""Planning a film: size, pacing, framings, moves, transitions, effects and text, one file each."""
