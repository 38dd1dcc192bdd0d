"""Carried credentials outside of memory: sealed, as a code on a card, and read from a picture."""
