"""Migrations of keys.db; the newest is the last by name."""
