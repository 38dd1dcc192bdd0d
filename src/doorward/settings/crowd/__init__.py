"""Files that people write for the crowd side."""
