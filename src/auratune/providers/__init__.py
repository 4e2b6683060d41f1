"""Who can do the work: observers, writers, composers."""
