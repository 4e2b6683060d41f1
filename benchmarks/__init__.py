"""Side-by-side measurements: one command each, a table on the screen, JSON on request."""
