"""``python -m doorward``: the same program as ``doorward``."""

from doorward.cli import main

main()
