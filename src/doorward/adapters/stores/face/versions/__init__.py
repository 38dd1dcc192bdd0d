"""Migrations of data.db; the newest is the last by name."""
