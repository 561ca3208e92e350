"""Other people's test vectors."""

from base64 import b64encode
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from streams.audit.cases import answered
from streams.audit.tree import consistency_proof, inclusion_proof, root_of, subtree_of
from streams.audit.verifier.proofs import EMPTY, leaf_hash
from streams.cli import main

LEAVES = b"".join(leaf_hash(bytes([number])) for number in range(7))


def b64(value: bytes) -> str:
    return b64encode(value).decode()


def inclusion(**changed: Any) -> dict[str, Any]:
    proof = inclusion_proof(3, 7, subtree_of(LEAVES))
    return {
        "type": "inclusion", "index": 3, "size": 7, "leaf_hash": b64(LEAVES[96:128]), "root": b64(root_of(LEAVES)),
        "proof": [b64(each) for each in proof], **changed,
    }  # fmt: skip


def consistency(**changed: Any) -> dict[str, Any]:
    proof = consistency_proof(4, 7, subtree_of(LEAVES))
    return {
        "type": "consistency", "first": 4, "second": 7, "first_root": b64(root_of(LEAVES[:128])),
        "second_root": b64(root_of(LEAVES)), "proof": [b64(each) for each in proof], **changed,
    }  # fmt: skip


def renamed(case: dict[str, Any], **names: str) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in case.items()}


@pytest.mark.parametrize(
    ("case", "valid"),
    [
        (inclusion(), True),
        (renamed(inclusion(), index="leafIdx", size="treeSize", leaf_hash="leafHash"), True),
        (inclusion(index=0, size=1, proof=None, leaf_hash=b64(EMPTY), root=b64(EMPTY)), True),
        (inclusion(index=2), False),
        (inclusion(index=7), False),
        (inclusion(index=-1), False),
        (inclusion(size=2**63), False),
        (inclusion(size="7"), False),
        (inclusion(size=True), False),
        (inclusion(proof=[]), False),
        (inclusion(proof="x"), False),
        (inclusion(proof=[1]), False),
        (inclusion(proof=["?"]), False),
        (inclusion(proof=[b64(EMPTY)] * 100), False),
        (inclusion(root=b64(b"short")), False),
        (inclusion(leaf_hash=None), False),
        (consistency(), True),
        (renamed(consistency(), first="size1", second="size2", first_root="root1", second_root="root2"), True),
        (consistency(first=7, first_root=b64(root_of(LEAVES)), proof=[]), True),
        (renamed(consistency(), first="size_1", second="size_2", first_root="root_1", second_root="root_2"), True),
        (consistency(first=0, first_root=b64(EMPTY), proof=[]), True),
        (consistency(first=7, first_root=b64(b"any"), second_root=b64(b"any"), proof=[]), True),  # one tree, one root
        (consistency(first=7, first_root=b64(b"any"), second_root=b64(b"other"), proof=[]), False),
        (consistency(first=0, first_root=b64(EMPTY), second_root=b64(b"short"), proof=[]), False),
        (consistency(first=0, first_root=b64(EMPTY)), False),
        (consistency(first=0, proof=[]), False),
        (consistency(first=8), False),
        (consistency(proof=[]), False),
        (consistency(first_root=b64(EMPTY)), False),
        ({"type": "other"}, False),
        ({"type": ["inclusion"]}, False),
        ([], False),
        (None, False),
    ],
)
def test_each_case_is_answered(case: Any, valid: bool) -> None:
    outcome = answered(orjson.dumps(case))

    assert (outcome["valid"], bool(outcome["reason"])) == (valid, True)


@pytest.mark.parametrize("line", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * (2**20 + 1), b'{"type": NaN}'])
def test_a_line_that_is_no_case(line: bytes) -> None:
    assert answered(line)["valid"] is False


ONE, ANY, OTHER = b64(leaf_hash(b"one")), b64(b"whatever it is"), b64(b"another thing")
PUBLISHED: list[tuple[dict[str, Any], bool]] = [
    ({"leafIdx": 0, "treeSize": 1, "root": ONE, "leafHash": ONE, "proof": None}, True),
    ({"leafIdx": 2**64 - 1, "treeSize": 1, "root": ONE, "leafHash": ONE, "proof": None}, False),
    ({"leafIdx": 0, "treeSize": 0, "root": b64(EMPTY), "leafHash": ONE, "proof": []}, False),
    ({"leafIdx": 0, "treeSize": 1, "root": ONE, "leafHash": ONE, "proof": [""]}, False),
    ({"size1": 1, "size2": 1, "root1": ANY, "root2": ANY, "proof": []}, True),
    ({"size1": 0, "size2": 0, "root1": ANY, "root2": ANY, "proof": []}, True),
    ({"size1": 0, "size2": 0, "root1": ANY, "root2": OTHER, "proof": []}, False),
    ({"size1": 0, "size2": 1, "root1": ANY, "root2": OTHER, "proof": []}, False),
    ({"size1": 0, "size2": 1, "root1": b64(EMPTY), "root2": b64(EMPTY), "proof": [b64(EMPTY)]}, False),
    ({"size1": 2, "size2": 1, "root1": ONE, "root2": ONE, "proof": []}, False),
]
"""In the form of github.com/transparency-dev/merkle's: trees of nothing, and of one, where verifiers differ."""


@pytest.mark.parametrize(("case", "valid"), PUBLISHED)
def test_cases_as_others_write_them(case: dict[str, Any], valid: bool) -> None:
    kind = "inclusion" if "leafIdx" in case else "consistency"
    assert answered(orjson.dumps({"type": kind, **case, "desc": "", "wantErr": not valid}))["valid"] is valid


def test_the_command_answers_every_line() -> None:
    lines = b"\n".join([orjson.dumps(inclusion()), b"", b"broken", orjson.dumps(consistency(first=3))]) + b"\n"

    told = CliRunner().invoke(main, ["audit", "check-proof", "--json"], input=lines)
    assert told.exit_code == 0
    assert [orjson.loads(line)["valid"] for line in told.output.splitlines()] == [True, False, False]
    assert CliRunner().invoke(main, ["audit", "check-proof"], input=lines).exit_code == 1
    assert CliRunner().invoke(main, ["audit", "check-proof"], input=orjson.dumps(inclusion())).exit_code == 0
