"""Routes of the face side."""
