"""Stores: what the jobs keep, and how it lies on disk."""
