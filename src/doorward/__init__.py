"""Doorward: faces verified, enrolled people identified, crowds counted, strangers forgotten."""

__version__ = "0.1.0"
