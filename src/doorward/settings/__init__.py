"""Frozen settings; the only reader of the environment and of TOML."""
