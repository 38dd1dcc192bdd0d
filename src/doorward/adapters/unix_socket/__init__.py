"""Sockets in the folder of a site's keys, for processes of one user on one machine, unix(7)."""
