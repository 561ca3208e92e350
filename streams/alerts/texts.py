"""Alerts as text for people, in English, Chinese or both. What comes from events cannot pass for anything else."""

from datetime import UTC, datetime

from streams.alerts.document import Language
from streams.alerts.engine import Alert

MAX_VALUE = 120
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "[{severity}] {rule}: {count} event(s)", "again": "[{severity}] {rule}: {count} more event(s)",
        "info": "info", "low": "low", "medium": "medium", "high": "high", "critical": "critical",
        "tenant": "tenant", "actor": "actor", "action": "action", "code": "code", "request_id": "request",
        "status": "status", "from": "from", "to": "to", "source": "audit record",
        "test": "This is a test: all is well.",
    },
    "zh": {
        "title": "【{severity}】{rule}：{count} 个事件", "again": "【{severity}】{rule}：又有 {count} 个事件",
        "info": "信息", "low": "低", "medium": "中", "high": "高", "critical": "严重",
        "tenant": "租户", "actor": "操作者", "action": "动作", "code": "原因代码", "request_id": "请求",
        "status": "状态", "from": "起", "to": "止", "source": "审计记录", "test": "这是一次测试，一切正常。",
    },
}  # fmt: skip
TEST_RULE = "test"


def languages(language: Language) -> tuple[str, ...]:
    return ("en", "zh") if language == "both" else (language,)


def title(alert: Alert, language: Language) -> str:
    """One line."""
    return " / ".join(_title(alert, WORDS[one]) for one in languages(language))


def body(alert: Alert, language: Language) -> str:
    """A few lines: what it is about, since when, and where on the log to look."""
    return "\n\n".join(_body(alert, WORDS[one]) for one in languages(language))


def plain(value: str) -> str:
    """A value on one line, without control characters or marks that turn text around, cut when long."""
    kept = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value)
    return kept if len(kept) <= MAX_VALUE else kept[:MAX_VALUE] + "…"


def _title(alert: Alert, words: dict[str, str]) -> str:
    pattern = words["again" if alert.repeated else "title"]
    return pattern.format(severity=words[alert.severity], rule=alert.rule, count=alert.count)


def _body(alert: Alert, words: dict[str, str]) -> str:
    about = {**alert.group, "action": alert.action, "code": alert.code, "request_id": alert.request_id}
    rows = [
        _title(alert, words),
        *(f"{words[name]}: {plain(value)}" for name, value in about.items() if value),
        f"{words['from']}: {moment(alert.since_ms)}",
        f"{words['to']}: {moment(alert.until_ms)}",
        f"{words['source']}: {plain(alert.source)}",
    ]
    return "\n".join([*rows, words["test"]] if alert.rule == TEST_RULE else rows)


def moment(milliseconds: int) -> str:
    """RFC 3339, UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
