"""Claude by Anthropic: vision model and songwriter in one call."""
