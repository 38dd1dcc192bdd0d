"""Keys and sealing: key hierarchy, envelopes, epochs, blind index."""
