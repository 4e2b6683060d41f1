"""How the embedded writer finds its words: reading the scene, the banks of lines, and the brief for the music."""
