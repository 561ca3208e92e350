"""What a verifier has to know beforehand, as a file that one can take along: the public keys of a log."""

import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .notes import NoteError, PublicKey, Role, from_base64

MAX_TRUST = 2**20
ROLES: tuple[Role, ...] = ("checkpoint", "writer", "witness")


@dataclass(frozen=True)
class Trust:
    """``keys`` of every role; ``keep_s`` is how long the log promises to keep records, ``None`` for ever; of the
    witnesses so many as ``quorum`` says have to have signed the newest head."""

    keys: tuple[PublicKey, ...]
    keep_s: float | None = None
    quorum: int = 0

    @property
    def writers(self) -> tuple[PublicKey, ...]:
        return tuple(key for key in self.keys if key.role == "writer")

    @property
    def signers(self) -> tuple[PublicKey, ...]:
        return tuple(key for key in self.keys if key.role != "writer")

    def dump(self) -> str:
        keys = [
            {
                "name": key.name,
                "role": key.role,
                "key": b64encode(key.key).decode(),
                "since": key.since and key.since.isoformat(),
                "until": key.until and key.until.isoformat(),
            }
            for key in self.keys
        ]
        return json.dumps({"keys": keys, "keep_s": self.keep_s, "quorum": self.quorum}, indent=2)


def load_trust(text: bytes) -> Trust:
    """Raises ``NoteError`` when it is no such file."""
    if len(text) > MAX_TRUST:
        raise NoteError(f"a file of keys has at most {MAX_TRUST} bytes")
    try:
        said = json.loads(text)
        keys = tuple(_keys(said["keys"]))
        keep_s = said.get("keep_s")
        keep = None if keep_s is None else float(keep_s)
        quorum = int(said.get("quorum", 0))
    except NoteError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NoteError(f"a file of keys is JSON with name, role, key, since and until of each ({error!r})") from error
    if not any(key.role == "checkpoint" for key in keys):
        raise NoteError("there is no key of the role checkpoint in the file")
    if not 0 <= quorum <= sum(key.role == "witness" for key in keys):
        raise NoteError(f"the quorum is {quorum}: as many keys of the role witness are to be in the file")
    return Trust(keys, keep, quorum)


def _keys(said: Iterable[dict[str, str | None]]) -> Iterable[PublicKey]:
    for each in said:
        role = next((role for role in ROLES if role == each["role"]), None)
        raw = from_base64(str(each["key"]))
        if role is None or len(raw) != 32:
            raise NoteError(f"a key has 32 bytes and one of the roles {', '.join(ROLES)}")
        yield PublicKey(str(each["name"]), raw, role, _time(each.get("since")), _time(each.get("until")))


def _time(text: str | None) -> datetime | None:
    found = None if text is None else datetime.fromisoformat(text)
    if found and found.tzinfo is None:
        raise NoteError("a time has a zone")
    return found
