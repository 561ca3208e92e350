"""Artefacts: the same bytes each time, readable as safetensors, and refused when anything about them is wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from safetensors.numpy import load_file

from schemas.errors import BadArtefact
from workers.screening.artefact import Card, FeatureCard, HeadCard, load, save
from workers.screening.features import Features
from workers.screening.linear import Head, Linear

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PRIVATE.public_key().public_bytes_raw().hex()


def made(folder: Path, private: Ed25519PrivateKey = PRIVATE) -> Path:
    features, heads = Features(8, (1, 2), (1,)), (Head("harm", ("HATE", "VIOLENCE")), Head("injection", ("JAILBREAK",)))
    weights = np.random.default_rng(3).normal(size=(256, 4)).astype(np.float32)
    model = Linear.of(features, heads, weights, np.array([[0.5, -1, 1, -9]] * 2, np.float32))
    card = Card(
        name="tiny",
        features=FeatureCard(bits=8, characters=(1, 2), words=(1,)),
        heads=tuple(HeadCard(category=head.category, labels=head.labels, thresholds=(0.5, 0.6)) for head in heads),
        rate=0.01,
        texts=3,
        data="0" * 64,
    )
    path = folder / "tiny.safetensors"
    save(path, card, model, private)
    return path


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = made(tmp_path)
    card, model, digest = load(path, {KEY})
    assert (card.name, len(digest), model.heads[0].labels) == ("tiny", 64, ("HATE", "VIOLENCE"))
    arrays = load_file(path)  # the library of the format reads it as well
    assert {name: array.shape for name, array in arrays.items()} == {
        "weights": (256, 4),
        "scales": (4,),
        "bias": (2, 4),
    }
    assert np.array_equal(arrays["weights"], model.weights)
    again = made(tmp_path / "again")
    assert again.read_bytes() == path.read_bytes()
    assert again.with_suffix(".sig").read_bytes() == path.with_suffix(".sig").read_bytes()


def changed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def another_digest(path: Path) -> None:
    """A file that somebody changed, together with the digest beside it."""
    other = made(path.parent / "other", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    signed = json.loads(path.with_suffix(".sig").read_text())
    strange = json.loads(other.with_suffix(".sig").read_text())
    path.write_bytes(other.read_bytes())
    path.with_suffix(".sig").write_text(json.dumps({**signed, "signature": strange["signature"]}))


def signed_as(content: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Signed by a trusted key, and yet nonsense."""

    def change(path: Path) -> None:
        from base64 import b64encode
        from hashlib import sha256

        path.write_bytes(content(path.read_bytes()))
        digest = sha256(path.read_bytes()).hexdigest()
        signature = b64encode(PRIVATE.sign(f"headrace screening artefact\n{digest}\n".encode())).decode()
        path.with_suffix(".sig").write_text(json.dumps({"sha256": digest, "key": KEY, "signature": signature}))

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.with_suffix(".sig").unlink(), "cannot be read"),
        (lambda path: path.with_suffix(".sig").write_text("{}"), "no artefact"),
        (changed, "it was changed"),
        (another_digest, "does not hold"),
        (lambda path: made(path.parent, Ed25519PrivateKey.generate()), "trusted_keys does not name"),
        (signed_as(lambda content: b""), "no artefact"),
        (signed_as(lambda content: b"\xff" * 100), "longer than the file"),
        (signed_as(lambda content: content[:-1]), "outside the file"),
        (signed_as(lambda content: (10).to_bytes(8, "little") + b"[" * 10), "no artefact"),
        (signed_as(lambda content: content.replace(b'"I8"', b'"U8"')), "no artefact"),
        (signed_as(lambda content: content.replace(b"[256,4]", b"[4,256]")), "not of the shapes"),
        (signed_as(lambda content: content.replace(rb"\"bits\":8", rb"\"bits\":9")), "not of the shapes"),
        (signed_as(lambda content: content.replace(rb"\"format\":1", rb"\"format\":2")), "no artefact"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, change: Callable[[Path], None], message: str) -> None:
    path = made(tmp_path)
    change(path)
    with pytest.raises(BadArtefact, match=message):
        load(path, {KEY})


def test_a_score_that_is_no_number_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path)
    not_a_number = np.float32(np.nan).tobytes()
    signed_as(lambda content: content.replace(np.float32(-9).tobytes(), not_a_number))(path)
    with pytest.raises(BadArtefact, match="not finite"):
        load(path, {KEY})


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path)
    with path.open("ab") as file:
        file.truncate(2**27)
    with pytest.raises(BadArtefact, match="more than"):
        load(path, {KEY})
