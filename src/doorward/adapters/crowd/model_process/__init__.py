"""One process that runs a model for the cameras of a site, and memory that it shares with each of them."""
