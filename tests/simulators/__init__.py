"""The vendors as real HTTP servers on loopback: their pace, their limits, their bad days, and what they charge."""
