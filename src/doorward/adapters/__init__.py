"""The outside world: models, stores, video, keys."""
