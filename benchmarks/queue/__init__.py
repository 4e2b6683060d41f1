"""The real queue, ledger and budgets with films replaced by sleeps."""
