"""argus-redact with its rules for Chinese and English (its mode ``fast``: no model)."""

from benchmarks.screeners.lines import Find, Found, serve

_QUIET = {"self_reference", "date", "organization", "location"}
"""What it marks that the labels do not count as personal."""


def load() -> Find:
    from argus_redact import redact

    def find(text: str) -> list[Found]:
        _, _, details = redact(text, lang=["zh", "en"], mode="fast", detailed=True, salt=1)
        return [("pii", each["start"], each["end"]) for each in details["entities"] if each["type"] not in _QUIET]

    return find


if __name__ == "__main__":
    serve(load)
