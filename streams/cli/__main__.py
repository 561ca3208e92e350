"""``python -m streams.cli`` is ``headrace``."""

from streams.cli import main

main()
