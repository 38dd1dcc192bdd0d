"""keys.db: wrapped keys and the blind index, apart from the data they open."""
