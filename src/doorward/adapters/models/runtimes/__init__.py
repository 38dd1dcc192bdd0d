"""The libraries that run a model."""
