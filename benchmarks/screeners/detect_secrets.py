"""Yelp's detect-secrets with all of its plugins and filters. It reads files, so each text becomes one."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.screeners.lines import Find, Found, serve

KEPT = ExitStack()
"""Its settings and the file are there for as long as the process lives."""


def load() -> Find:
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings

    KEPT.enter_context(default_settings())
    file = Path(KEPT.enter_context(TemporaryDirectory())) / "text.txt"

    def find(text: str) -> list[Found]:
        file.write_text(text, encoding="utf-8")
        lines = text.splitlines(keepends=True)
        found: list[Found] = []
        for secret in scan_file(str(file)):
            start = sum(map(len, lines[: secret.line_number - 1]))
            at = text.find(secret.secret_value or "", start)
            place = (at, at + len(secret.secret_value)) if at >= 0 and secret.secret_value else (start, len(text))
            found.append(("secret", *place))
        return found

    return find


if __name__ == "__main__":
    serve(load)
    KEPT.close()
