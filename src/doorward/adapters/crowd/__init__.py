"""Detectors of people for the crowd side."""
