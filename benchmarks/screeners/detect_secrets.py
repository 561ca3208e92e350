"""Yelp's detect-secrets with all of its plugins, a line at a time, as it reads files."""

from contextlib import ExitStack

from benchmarks.screeners.lines import Find, Found, serve

CHOSEN = ExitStack()
"""Its settings hold for as long as the process lives."""


def load() -> Find:
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import default_settings

    CHOSEN.enter_context(default_settings())

    def find(text: str) -> list[Found]:
        found: list[Found] = []
        start = 0
        for line in text.splitlines(keepends=True):
            for secret in scan_line(line):
                value = secret.secret_value or ""
                at = line.find(value)
                found.append(("secret", start + max(at, 0), start + (at + len(value) if at >= 0 else len(line))))
            start += len(line)
        return found

    return find


if __name__ == "__main__":
    serve(load)
