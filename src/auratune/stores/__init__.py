"""Where big bytes are kept."""
