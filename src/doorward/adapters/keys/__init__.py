"""Key providers: where the key that wraps the site key comes from."""
