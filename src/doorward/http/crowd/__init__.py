"""Crowds over HTTP. Nothing here reaches what knows a person."""
