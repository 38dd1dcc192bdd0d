"""Galleries: templates in memory, searched."""
