"""The built-in vision model, songwriter and composer; they need no key."""
