"""Lines of text on a page: found, straightened, read."""
