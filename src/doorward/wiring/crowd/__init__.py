"""Composition of the crowd side."""
