"""How many, how dense, how fast, which way; anonymous."""
