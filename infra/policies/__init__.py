"""Policy documents as YAML files; ``default.yaml`` governs until another is published."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from schemas.errors import InvalidField, TooLarge
from schemas.policies import PolicyDocument, lines

DEFAULT = Path(__file__).with_name("default.yaml")
MAX_CHARS = 2**20


def parse_policy(text: str) -> PolicyDocument:
    """The document in a YAML (or JSON) text.

    Raises:
        TooLarge: the text has more than ``MAX_CHARS`` characters.
        InvalidField: it is no YAML, or no sound policy; the message has every problem, a line each.
    """
    if len(text) > MAX_CHARS:
        raise TooLarge(f"a policy has at most {MAX_CHARS} characters, this one {len(text)}")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise InvalidField("a policy cannot use YAML aliases (*name): write the values out")
        return PolicyDocument.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidField(f"the policy is no YAML: {error}") from error
    except ValidationError as error:
        raise InvalidField("the policy has problems:\n" + "\n".join(f"- {line}" for line in lines(error))) from error


def load_policy(path: Path) -> PolicyDocument:
    """The document in a file; raises as ``parse_policy``, and ``InvalidField`` when it cannot be read as UTF-8."""
    try:
        return parse_policy(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidField(f"cannot read the policy {path}: {error}") from error


@cache
def default_policy() -> PolicyDocument:
    """The policy that ships with Headrace."""
    return load_policy(DEFAULT)
