"""A learned detector as a file: weights and what they mean, with a signature beside it.

The file is in safetensors' format (eight bytes of length, a header of JSON, then numbers), which holds no code. Its
metadata has one entry, ``headrace``: the card. Beside ``NAME.safetensors`` stands ``NAME.sig``, with the SHA-256 of the
file, a public key, and an Ed25519 signature (RFC 8032) of ``"headrace screening artefact\\n" + SHA-256 + "\\n"``.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from schemas.base import Frozen, Strict
from schemas.errors import BadArtefact
from workers.screening.features import Features
from workers.screening.linear import Head, Linear

MOST_BYTES = 64 * 2**20
MOST_HEADER = 2**20
KINDS: dict[str, Any] = {"I8": np.int8, "F32": np.float32}
Order = Annotated[int, Field(ge=1, le=8)]


class FeatureCard(Strict):
    bits: int = Field(ge=8, le=22)
    characters: tuple[Order, ...] = Field(max_length=8)
    words: tuple[Order, ...] = Field(max_length=8)


class HeadCard(Strict):
    """A decision: a finding of ``category`` where its score reaches 0.5, named by the best of ``labels``."""

    category: str
    labels: tuple[str, ...] = Field(min_length=1, max_length=64)
    thresholds: tuple[float, float]
    """The probabilities at which the stated rate of false alarms is kept, in other scripts and in Chinese; scores are
    moved so that they are 0.5."""


class Card(Strict):
    """What a file says of itself."""

    format: Literal[1] = 1
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    features: FeatureCard
    heads: tuple[HeadCard, ...] = Field(min_length=1, max_length=64)
    rate: float = Field(gt=0, lt=1)
    """Of ordinary texts, what part may have a finding."""
    texts: int = Field(ge=1)
    data: str = Field(pattern=r"^[0-9a-f]{64}$")
    """The digest of the labelled texts."""
    report: dict[str, Any] = Field(default_factory=dict)


class Signature(Frozen):
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    signature: str = Field(max_length=100)


def save(path: Path, card: Card, model: Linear, private: Ed25519PrivateKey) -> str:
    """Write the file and its signature; returns the digest. The same model makes the same bytes."""
    content = _packed(card, {"bias": model.bias, "scales": model.scales, "weights": model.weights})
    digest = hashlib.sha256(content).hexdigest()
    signed = Signature(
        sha256=digest,
        key=private.public_key().public_bytes_raw().hex(),
        signature=b64encode(private.sign(_said(digest))).decode(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.with_suffix(".sig").write_text(signed.model_dump_json(indent=2) + "\n")
    return digest


def load(path: Path, trusted: Collection[str]) -> tuple[Card, Linear, str]:
    """The card, the model and the digest of a file that a trusted key (in hexadecimal) signed.

    Raises:
        BadArtefact: it is missing, damaged, or signed by nobody who is trusted.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadArtefact(f"{path} has more than {MOST_BYTES} bytes")
        content = path.read_bytes()
        digest = _verified(path, content, trusted)
        card, arrays = _unpacked(content)
        return card, _model(card, arrays), digest
    except OSError as error:
        raise BadArtefact(f"{path} cannot be read ({error.strerror}): put it and its .sig there") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise BadArtefact(f"{path} is no artefact of a learned detector: {said}") from error


def _verified(path: Path, content: bytes, trusted: Collection[str]) -> str:
    with path.with_suffix(".sig").open("rb") as file:
        signed = Signature.model_validate_json(file.read(2**12))
    digest = hashlib.sha256(content).hexdigest()
    if digest != signed.sha256:
        raise BadArtefact(f"{path} has the digest {digest[:12]}…, not {signed.sha256[:12]}… as signed: it was changed")
    if signed.key not in trusted:
        raise BadArtefact(f"{path} is signed by {signed.key}, which screening.trusted_keys does not name")
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.key))
        key.verify(b64decode(signed.signature, validate=True), _said(digest))
    except InvalidSignature as error:
        raise BadArtefact(f"{path} has a signature that does not hold") from error
    return digest


def _said(digest: str) -> bytes:
    return f"headrace screening artefact\n{digest}\n".encode()


def _packed(card: Card, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    names = {np.dtype(kind): name for name, kind in KINDS.items()}
    header: dict[str, Any] = {"__metadata__": {"headrace": card.model_dump_json()}}
    place = 0
    for name, array in arrays.items():
        header[name] = {
            "dtype": names[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [place, place + array.nbytes],
        }
        place += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *(array.tobytes() for array in arrays.values())])


def _unpacked(content: bytes) -> tuple[Card, dict[str, NDArray[Any]]]:
    length = int.from_bytes(content[:8], "little")
    if length > min(MOST_HEADER, len(content) - 8):
        raise ValueError("its header is longer than the file or the limit")
    header = json.loads(content[8 : 8 + length])
    card = Card.model_validate_json(header.pop("__metadata__")["headrace"])
    arrays = {}
    for name, told in header.items():
        start, end = (8 + length + int(place) for place in told["data_offsets"])
        if not 8 + length <= start <= end <= len(content):
            raise ValueError(f"{name} lies outside the file")
        arrays[name] = np.frombuffer(content[start:end], KINDS[told["dtype"]]).reshape(told["shape"])
    return card, arrays


def _model(card: Card, arrays: Mapping[str, NDArray[Any]]) -> Linear:
    heads = tuple(Head(head.category, head.labels) for head in card.heads)
    columns = sum(head.columns for head in heads)
    shapes = {"weights": (2**card.features.bits, columns), "scales": (columns,), "bias": (2, columns)}
    if {name: array.shape for name, array in arrays.items()} != shapes or arrays["weights"].dtype != np.int8:
        raise ValueError("its numbers are not of the shapes that its card says")
    if not all(np.isfinite(arrays[name]).all() for name in ("scales", "bias")):
        raise ValueError("its numbers are not finite")
    features = Features(card.features.bits, card.features.characters, card.features.words)
    return Linear(features, heads, arrays["weights"], arrays["scales"], arrays["bias"])
