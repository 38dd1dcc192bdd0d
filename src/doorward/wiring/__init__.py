"""Composition roots: which adapter fills which port."""
