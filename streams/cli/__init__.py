"""The command line ``headrace``."""

from streams.cli.root import main

__all__ = ["main"]
