"""Devices: their identity, what they send, and the bodies they send it in."""
