"""What a song is made of: onsets, tempo, beats, bars, sections, and the excerpt that a film uses."""
