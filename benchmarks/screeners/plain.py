"""What many start with: a dozen patterns in Python's own ``re``."""

import re

from benchmarks.screeners.lines import Find, Found, serve

PATTERNS: tuple[tuple[str, str], ...] = (
    ("pii", r"\b[\w.+-]+@[\w-]+\.[\w.]+\b"),
    ("pii", r"\b(?:\+?\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}\b"),
    ("pii", r"\b1[3-9]\d{9}\b"),
    ("pii", r"\b\d{17}[\dXx]\b"),
    ("pii", r"\b(?:\d[ -]?){13,19}\b"),
    ("pii", r"\b\d{3}-\d{2}-\d{4}\b"),
    ("pii", r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    ("secret", r"\bAKIA[0-9A-Z]{16}\b|\bghp_\w{36}\b|\bsk-\w{20,}"),
    ("secret", r"(?i)(?:password|secret|api_key)\s*[:=]\s*\S+"),
    ("payload", r"(?i)\bunion\s+select\b|'\s*or\s+1=1|<script|\.\./\.\./|;\s*rm\s+-rf"),
    ("injection", r"(?i)ignore (?:all )?(?:previous|above) instructions|system prompt|忽略.{0,6}指令"),
    ("harm", r"(?i)\bkill\b|\bbomb\b|炸弹|自杀|毒品|杀人|枪"),
)


def load() -> Find:
    compiled = [(category, re.compile(pattern)) for category, pattern in PATTERNS]

    def find(text: str) -> list[Found]:
        return [
            (category, match.start(), match.end()) for category, pattern in compiled for match in pattern.finditer(text)
        ]

    return find


if __name__ == "__main__":
    serve(load)
