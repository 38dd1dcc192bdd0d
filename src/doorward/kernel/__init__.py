"""Pure values that every room uses."""
