"""Photo to facts: decoding, palette, light, subjects."""
