"""Data keys under the master key: AES-256-GCM, with the key's id as associated data.

A wrapped key begins with the fingerprint of its master key, so that a wrong one is named and not merely noticed.
"""

import hmac
from hashlib import sha256
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.vault.port import SECRET_BYTES, DataKey
from schemas.errors import SealBroken, WrongMasterKey

FINGERPRINT_BYTES = 8
NONCE_BYTES = 12


class Wrapping:
    """Wraps by one master key (32 bytes)."""

    def __init__(self, master_key: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(master_key, b"headrace data keys", sha256))
        self.fingerprint = hmac.digest(master_key, b"headrace fingerprint", sha256)[:FINGERPRINT_BYTES]

    def new(self, key_id: str) -> tuple[DataKey, bytes]:
        """A random key, and the same wrapped."""
        key = DataKey(key_id, token_bytes(SECRET_BYTES))
        return key, self.wrap(key)

    def wrap(self, key: DataKey) -> bytes:
        nonce = token_bytes(NONCE_BYTES)
        return self.fingerprint + nonce + self._cipher.encrypt(nonce, key.secret, key.id.encode())

    def wrapped(self, data: bytes) -> bool:
        """Whether it was wrapped by this master key."""
        return hmac.compare_digest(data[:FINGERPRINT_BYTES], self.fingerprint)

    def unwrap(self, key_id: str, data: bytes) -> DataKey:
        """Raises ``WrongMasterKey``, or ``SealBroken`` when it was changed."""
        if not self.wrapped(data):
            raise WrongMasterKey(
                f"the data keys are wrapped by master key {data[:FINGERPRINT_BYTES].hex()}, and this process has "
                f"{self.fingerprint.hex()}: give it that one, or run 'headrace audit rewrap'"
            )
        nonce, sealed = data[FINGERPRINT_BYTES:][:NONCE_BYTES], data[FINGERPRINT_BYTES + NONCE_BYTES :]
        try:
            return DataKey(key_id, self._cipher.decrypt(nonce, sealed, key_id.encode()))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"the data key {key_id} was changed where it is kept: restore it from a backup") from error
