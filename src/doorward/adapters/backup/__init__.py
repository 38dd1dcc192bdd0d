"""Backups: what is in one, how it is written and read, and how it is encrypted to a key that no server has."""
