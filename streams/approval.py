"""Two people to loosen: a policy that lets more pass than the live one needs the signatures of two approvers.

Approvers and their public keys are settings of every process, so who can write to the topic cannot loosen alone. The
records of ``policies`` are judged in their order, each against the policy that is live before it.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infra.settings import ScreeningSettings
from schemas.loosening import loosened
from schemas.policies import PolicyDocument, document_version
from schemas.registry import Approval, Policy

NEEDED = 2
Outcome = Literal["live", "proposed", "refused"]


class Approvals:
    """With fewer than two approvers nobody is asked. ``accepted`` are versions that need no signatures: those that were
    live before there were approvers."""

    def __init__(self, settings: ScreeningSettings | None = None) -> None:
        chosen = settings or ScreeningSettings()
        self._keys: Mapping[str, str] = chosen.approvers
        self._accepted = frozenset(chosen.accepted)
        self._used = set[str]()

    @property
    def asked(self) -> bool:
        return len(self._keys) >= NEEDED

    def judge(self, policy: Policy, document: PolicyDocument, live: str, before: PolicyDocument) -> Outcome:
        """What would become of a record. Approvals count once, and for what was live when they were given."""
        if not self.asked or document_version(document) in self._accepted or not loosened(before, document):
            return "live"
        signers = self.signers(policy) if policy.replaces == live and policy.id not in self._used else set()
        if len(signers) >= NEEDED:
            return "live"
        return "proposed" if signers else "refused"

    def took(self, policy: Policy) -> None:
        """It is live: its approvals are used up."""
        self._used.add(policy.id)

    def signers(self, policy: Policy) -> set[str]:
        """Whose signatures hold."""
        return {each.by for each in policy.approvals if each.by in self._keys and self._holds(policy, each)}

    def _holds(self, policy: Policy, approval: Approval) -> bool:
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self._keys[approval.by]))
            key.verify(bytes.fromhex(approval.signature), statement(policy))
        except (InvalidSignature, ValueError):
            return False
        return True


def approved(policy: Policy, by: str, private: Ed25519PrivateKey) -> Policy:
    """The record with one more approval."""
    others = tuple(each for each in policy.approvals if each.by != by)
    approval = Approval(by=by, signature=private.sign(statement(policy)).hex())
    return policy.model_copy(update={"approvals": (*others, approval)})


def statement(policy: Policy) -> bytes:
    """What is signed: this document, under this proposal, in place of that version."""
    content = [policy.id, policy.name, policy.version, policy.replaces, policy.document]
    said = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return b"headrace policy approval v1\n" + sha256(said.encode()).digest()
