"""The key keeper: one process that holds a site's key, and those that ask it over a socket of the site's."""
