import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr, ValidationError

from infra.settings import AlertSettings
from schemas.errors import InvalidField
from streams.alerts.channels.build import build_channels
from streams.alerts.document import AlertDocument, load_alerts
from tests.streams.alerts.making import HOOK, document, rule

MAIL = {"kind": "smtp", "host": "mail.example.com", "sender": "a@example.com", "to": ["b@example.com"]}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        # misspelt
        ({"rules": [rule(wen={})]}, "wen"),
        # a channel that is not there
        ({"rules": [rule(channels=["nowhere"])]}, "there is no channel 'nowhere'; known: ops"),
        # a name twice
        ({"rules": [rule(), rule()]}, "rules.refused: each needs a name of its own"),
        # everything, always
        ({"rules": [rule(when={})]}, "would alert of every event"),
        # two kinds in one
        ({"rules": [rule(rate={"count": 2}, first_seen={"field": "actor"})]}, "give rate or first_seen"),
        # out of range
        ({"rules": [rule(rate={"count": 1})]}, "greater than or equal to 2"),
        ({"rules": [rule(quiet_s=0)]}, "greater than 0"),
        # channels
        ({"channels": {"ops": {**HOOK, "kind": "pager"}}}, "pager"),
        ({"channels": {"ops": {**HOOK, "kind": "slack", "key": "x"}}}, "has no key"),
        ({"channels": {"ops": {**MAIL, "tls": "none", "username": "u", "password": "p"}}}, "a password needs tls"),
        ({"channels": {"ops": {**MAIL, "username": "u"}}}, "belong together"),
        # a header smuggled in
        ({"channels": {"ops": {**MAIL, "to": ["b@example.com\nBcc: c@example.com"]}}}, "pattern"),
    ],
)
def test_unsound(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    content = {"name": "test", "channels": {"ops": HOOK}, "rules": [rule()], **changes}
    file = tmp_path / "alerts.yaml"
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(InvalidField) as caught:
        load_alerts(file)
    assert problem in caught.value.message
    with pytest.raises(ValidationError):
        AlertDocument.model_validate(content)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "cannot be read"),
        ("a: &a [x]\nb: *a", "aliases"),
        ("x" * 300_000, "more than"),
        ("[" * 1000, "cannot be read"),
        ("- 1", "valid dictionary"),
    ],
)
def test_what_is_no_document(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "alerts.yaml"
    file.write_text(text)
    with pytest.raises(InvalidField, match=problem):
        load_alerts(file)


def test_all_problems_of_channels_are_told_at_once() -> None:
    channels = {
        "hook": {"kind": "webhook", "url": "https://evil.example.net/"},
        "inside": {"kind": "slack", "url": "https://169.254.169.254/latest"},
        "mail": {**MAIL, "host": "mail.elsewhere.net"},
        "wecom": {"kind": "wecom", "url": "secret:robot"},
    }
    given = document(rule(channels=list(channels)), channels=channels)
    with pytest.raises(InvalidField) as caught:
        build_channels(given, AlertSettings(hosts=("*.example.com",)))
    assert [line.split(":")[0] for line in caught.value.message.splitlines()[1:]] == [
        f"- channels.{name}" for name in channels
    ]
    assert "alerts.hosts" in caught.value.message


async def test_secrets_come_from_the_settings_and_are_shown_nowhere() -> None:
    given = document(channels={"ops": {"kind": "wecom", "url": "secret:robot"}})
    settings = AlertSettings(hosts=("*.qq.com",), secrets={"robot": SecretStr("https://qyapi.weixin.qq.com/?key=k")})
    assert set(build_channels(given, settings)) == {"ops"}
    assert "key=k" not in repr(settings) + given.model_dump_json()


DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", ["audit.md", "audit.zh-CN.md"])
def test_the_example_in_the_documentation_is_sound(name: str) -> None:
    examples = re.findall(r"^```yaml\n(.*?)^```", (DOCS / name).read_text(), re.MULTILINE | re.DOTALL)
    [found] = [example for example in examples if "\nrules:" in example]
    assert len(AlertDocument.model_validate(yaml.safe_load(found)).rules) == 6
