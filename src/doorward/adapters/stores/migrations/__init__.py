"""The environment that every database's migrations run in."""
