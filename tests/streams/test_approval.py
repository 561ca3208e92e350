"""Two people to loosen, as every process that follows the registry sees it."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.keys import KeyRing
from infra.settings import ScreeningSettings
from schemas.errors import Unavailable
from schemas.policies import PolicyDocument, document_version
from schemas.registry import Policy
from streams.approval import Approvals, approved
from streams.registry import Registry

ANN, BOB, EVE = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2, 3))


def public(private: Ed25519PrivateKey) -> str:
    return private.public_key().public_bytes_raw().hex()


def document(email: str) -> PolicyDocument:
    table = {"prompt": {"EMAIL": email}}
    return PolicyDocument.model_validate(
        {"name": "test", "screening": {"actions": table}, "routing": {"default": "echo"}}
    )


def record(email: str, replaces: str = "", **fields: Any) -> Policy:
    made = document(email)
    version = document_version(made)
    return Policy(name="test", version=version, document=made.model_dump(mode="json"), replaces=replaces, **fields)


def registry(**settings: Any) -> Registry:
    made = Registry(KeyRing(bytes(32)), document("redact"))
    made.approvals = Approvals(ScreeningSettings(approvers={"ann": public(ANN), "bob": public(BOB)}, **settings))
    return made


LIVE = document_version(document("redact"))


def test_one_signature_proposes_and_two_make_live_once() -> None:
    made, proposal = registry(), approved(record("flag", LIVE), "ann", ANN)
    made.add_policy(proposal)
    assert (made.live_policy, made.outcome(proposal.id)) == (LIVE, "proposed")
    with pytest.raises(Unavailable):
        made.policy(proposal.version)  # nothing can be pinned to it
    both = approved(proposal, "bob", BOB)
    made.add_policy(both)
    assert (made.live_policy, made.outcome(proposal.id)) == (proposal.version, "live")
    made.add_policy(record("redact"))  # stricter: at once
    assert made.live_policy == LIVE
    made.add_policy(both)  # a replay of what was approved then
    assert (made.live_policy, made.outcome(both.id)) == (LIVE, "refused")


@pytest.mark.parametrize(
    "policy",
    [
        record("flag"),  # nobody signed
        record("flag", LIVE),
        approved(approved(record("flag", LIVE), "ann", ANN), "ann", ANN),  # one person twice
        approved(approved(record("flag", LIVE), "ann", ANN), "bob", EVE),  # not bob
        approved(approved(record("flag", LIVE), "ann", ANN), "eve", EVE),  # no approver
        approved(approved(record("flag", "another"), "ann", ANN), "bob", BOB),  # signed in place of another
        approved(approved(record("flag", LIVE), "ann", ANN), "bob", BOB).model_copy(
            update={"document": document("allow").model_dump(mode="json")}
        ),  # another document
        approved(approved(record("flag", LIVE), "ann", ANN), "bob", BOB).model_copy(update={"id": "other"}),
        record("redact").model_copy(update={"document": document("block").model_dump(mode="json")}),  # a version's name
    ],
)
def test_what_lacks_approval_is_not_taken_live(policy: Policy) -> None:
    made = registry()
    made.add_policy(policy)
    assert made.live_policy == LIVE
    assert made.policy(LIVE) == document("redact")
    assert made.outcome(policy.id) != "live"


def test_stricter_is_live_at_once_and_an_accepted_version_needs_nobody() -> None:
    made = registry()
    made.add_policy(record("block"))
    assert made.live_policy == record("block").version
    trusting = registry(accepted=(record("allow").version,))
    trusting.add_policy(record("allow"))
    assert trusting.live_policy == record("allow").version


@pytest.mark.parametrize("approvers", [{}, {"ann": public(ANN)}])
def test_without_two_approvers_nobody_is_asked(approvers: dict[str, str]) -> None:
    made = registry()
    made.approvals = Approvals(ScreeningSettings(approvers=approvers))
    made.add_policy(record("allow"))
    assert made.live_policy == record("allow").version
