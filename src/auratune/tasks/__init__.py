"""Tasks that survive a crash: the only folder that knows the workflow engine and the database."""
