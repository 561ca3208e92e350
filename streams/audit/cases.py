"""Cases of proofs as JSON, as other people's test vectors have them."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from streams.audit.verifier.notes import NoteError, from_base64
from streams.audit.verifier.proofs import ProofError, check_consistency, check_inclusion

NAMES: Mapping[str, tuple[str, ...]] = {
    "index": ("index", "leaf_index", "leafIdx", "leafIndex"),
    "size": ("size", "tree_size", "treeSize"),
    "leaf": ("leaf_hash", "leafHash", "leaf"),
    "root": ("root", "root_hash", "rootHash"),
    "first": ("first", "size1", "size_1", "first_size", "old_size", "from", "tree_size_1"),
    "second": ("second", "size2", "size_2", "second_size", "new_size", "to", "tree_size_2"),
    "first_root": ("first_root", "root1", "root_1", "first_hash", "old_root"),
    "second_root": ("second_root", "root2", "root_2", "second_hash", "new_root"),
    "proof": ("proof", "hashes", "path"),
}
"""What a field may be called."""
MAX_LINE = 2**20


def answered(line: bytes) -> dict[str, bool | str]:
    """``{"valid": …, "reason": …}`` for one case; what is no case is not valid, and the reason says so."""
    try:
        check(line)
    except (ProofError, NoteError, ValueError) as error:
        return {"valid": False, "reason": str(error)}
    return {"valid": True, "reason": "the proof holds"}


def check(line: bytes) -> None:
    """Raises ``ValueError`` (``ProofError`` among them) when the proof of a case does not hold."""
    if len(line) > MAX_LINE:
        raise ValueError(f"a case has at most {MAX_LINE} bytes")
    try:
        case = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError("a case is a line of JSON") from error
    if not isinstance(case, dict):
        raise ValueError("a case is an object")
    kind = case.get("type")
    if not isinstance(kind, str) or kind not in CHECKS:
        raise ValueError(f"'type' is one of {', '.join(CHECKS)}")
    CHECKS[kind](case)


def _inclusion(case: Mapping[str, Any]) -> None:
    leaf, root = _hash(case, "leaf"), _hash(case, "root")
    check_inclusion(leaf, _number(case, "index"), _number(case, "size"), _proof(case), root)


def _consistency(case: Mapping[str, Any]) -> None:
    first, second = _number(case, "first"), _number(case, "second")
    check_consistency(first, second, _hash(case, "first_root"), _hash(case, "second_root"), _proof(case))


CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {"inclusion": _inclusion, "consistency": _consistency}


def _field(case: Mapping[str, Any], name: str) -> Any:
    found = next((case[each] for each in NAMES[name] if each in case), None)
    if found is None and name != "proof":
        raise ValueError(f"'{NAMES[name][0]}' is missing")
    return found


def _number(case: Mapping[str, Any], name: str) -> int:
    found = _field(case, name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise ValueError(f"'{NAMES[name][0]}' is a whole number")
    return found


def _hash(case: Mapping[str, Any], name: str) -> bytes:
    return _bytes(_field(case, name), NAMES[name][0])


def _proof(case: Mapping[str, Any]) -> list[bytes]:
    """None is as good as empty: some encoders write it so."""
    found = _field(case, "proof")
    if not isinstance(found, list | None):
        raise ValueError("'proof' is a list")
    return [_bytes(each, "proof") for each in found or ()]


def _bytes(text: Any, name: str) -> bytes:
    if not isinstance(text, str):
        raise ValueError(f"'{name}' is base64")
    return from_base64(text)
