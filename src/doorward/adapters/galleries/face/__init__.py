"""Galleries of face templates."""
