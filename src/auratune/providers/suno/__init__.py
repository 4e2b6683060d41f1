"""Suno: composer."""
