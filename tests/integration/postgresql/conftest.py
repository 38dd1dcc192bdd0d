"""A server that speaks TLS is not everywhere, and its tests are collected where one is."""

from pathlib import Path

collect_ignore = [] if list(Path("/usr/lib/postgresql").glob("1[5-9]/bin/pg_ctl")) else ["test_tls.py"]
