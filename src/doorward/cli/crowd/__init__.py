"""Commands of the crowd side."""
