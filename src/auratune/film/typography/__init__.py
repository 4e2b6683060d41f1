"""Type: which fonts can write a text, how it breaks into lines, and how it is painted so that it can be read."""
