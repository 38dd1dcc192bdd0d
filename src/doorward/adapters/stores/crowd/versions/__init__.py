"""Migrations of crowd.db."""
