"""The witness over HTTP (c2sp.org/tlog-witness), and the client that asks it, on a real socket."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.base import now
from schemas.errors import AuditDamaged, InvalidField, Unavailable
from streams.audit.folders import LocalFolder
from streams.audit.signing import SigningKeys
from streams.audit.tree import consistency_proof
from streams.audit.verifier.notes import open_note
from streams.audit.witnesses.cosigner import HttpCosigner
from streams.audit.witnesses.server import WitnessServer
from tests.streams.audit.witnesses.making import Grower, new_keys

NAME = "witness.example.com"


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return new_keys(tmp_path / "keys")


@pytest.fixture
def log(tmp_path: Path, keys: SigningKeys) -> Grower:
    return Grower(tmp_path / "log", keys)


def witness(folder: Path, keys: SigningKeys) -> WitnessServer:
    private = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    return WitnessServer(NAME, private, [key.public for key in keys.all()], LocalFolder(folder))


@asynccontextmanager
async def running(server: WitnessServer) -> AsyncIterator[str]:
    async with TestServer(server.app()) as made:
        yield str(made.make_url("")).rstrip("/")


async def test_it_cosigns_what_goes_on(log: Grower, keys: SigningKeys, tmp_path: Path) -> None:
    server = witness(tmp_path / "w", keys)
    async with running(server) as url:
        cosigner = HttpCosigner(NAME, url)
        for count in (1, 5, 0, 300):
            signed, kept = log.grow(count)
            line = await cosigner.cosign(signed, kept)
            head = open_note(signed.note + line, [*(key.public for key in keys.all()), server.public])
            assert head.witnesses == (NAME,)


async def test_what_it_saw_outlives_it(log: Grower, keys: SigningKeys, tmp_path: Path) -> None:
    """A client that starts anew hears from it how far it is."""
    async with running(witness(tmp_path / "w", keys)) as url:
        await HttpCosigner(NAME, url).cosign(*log.grow(7))
    async with running(witness(tmp_path / "w", keys)) as url:
        assert await HttpCosigner(NAME, url).cosign(*log.grow(7))


async def test_it_cosigns_no_other_history(log: Grower, keys: SigningKeys, tmp_path: Path) -> None:
    other = Grower(tmp_path / "other", keys, fork=b"!")
    async with running(witness(tmp_path / "w", keys)) as url:
        await HttpCosigner(NAME, url).cosign(*log.grow(10))
        for count, error in ((5, "has seen 10 records, and there are 5"), (15, "another history")):
            with pytest.raises(AuditDamaged, match=error):
                await HttpCosigner(NAME, url).cosign(*other.grow(count))
        await HttpCosigner(NAME, url).cosign(*log.grow(1))  # it was not led astray


async def test_two_heads_of_one_size(log: Grower, keys: SigningKeys, tmp_path: Path) -> None:
    other = Grower(tmp_path / "other", keys, fork=b"!")
    async with running(witness(tmp_path / "w", keys)) as url:
        await HttpCosigner(NAME, url).cosign(*log.grow(10))
        with pytest.raises((AuditDamaged, Unavailable)):
            await HttpCosigner(NAME, url).cosign(*other.grow(10))


Body = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (lambda note: b"", 400),
        (lambda note: b"old 0\n\n", 400),
        (lambda note: b"old -1\n\n" + note, 400),
        (lambda note: b"old 99999999999999999999\n\n" + note, 400),
        (lambda note: b"new 0\n\n" + note, 400),
        (lambda note: b"old 0\n" + b"AAAA\n" * 70 + b"\n" + note, 400),
        (lambda note: b"old 0\nnot base64!\n\n" + note, 400),
        (lambda note: b"old 3\n\n" + note, 409),
        (lambda note: b"old 0\n\n" + note.replace(b"\n5\n", b"\n6\n"), 403),
        (lambda note: b"old 0\n\n" + note[:-20] + b"AAAAAAAAAAAAAAAAAA=\n", 403),
        (lambda note: b"old 0\n\n" + note[:-20] + b"AAAAAAAAAAAAAAAAAAA=\n", 400),
        (lambda note: b"\xff" * 1000, 400),
        (lambda note: b"x" * 200_000, 413),
        (lambda note: b"old 0\n\n" + note, 200),
    ],
)
async def test_hostile_bodies(log: Grower, keys: SigningKeys, tmp_path: Path, body: Body, status: int) -> None:
    signed, _ = log.grow(5)
    async with running(witness(tmp_path / "w", keys)) as url, ClientSession() as session:
        async with session.post(f"{url}/add-checkpoint", data=body(signed.note)) as answer:
            assert answer.status == status
            if status == 409:
                assert answer.content_type == "text/x.tlog.size"
                assert await answer.text() == "0\n"
        async with session.get(f"{url}/other") as answer:
            assert answer.status == 404


async def test_unknown_logs_and_the_future_are_refused(log: Grower, keys: SigningKeys, tmp_path: Path) -> None:
    strangers = Grower(tmp_path / "other", new_keys(tmp_path / "other-keys"))
    async with running(witness(tmp_path / "w", keys)) as url:
        with pytest.raises(Unavailable, match="answered 403"):
            await HttpCosigner(NAME, url).cosign(*strangers.grow(1))
        log.grow(1)
        ahead = log.notary.sign(keys.all(), now() + timedelta(hours=1))
        with pytest.raises(Unavailable, match="answered 400"):
            await HttpCosigner(NAME, url).cosign(ahead, log.grow(0)[1])


async def test_many_at_once_are_cosigned_one_after_the_other(log: Grower, keys: SigningKeys, tmp_path: Path) -> None:
    """Of two heads that say that they follow the same one, one is."""
    first, _ = log.grow(3)
    heads = [log.grow(2) for _ in range(8)]
    async with running(witness(tmp_path / "w", keys)) as url, ClientSession() as session:
        async with session.post(f"{url}/add-checkpoint", data=b"old 0\n\n" + first.note) as answer:
            assert answer.status == 200

        async def ask(number: int) -> int:
            signed, kept = heads[number]
            proof = "".join(
                f"{b64encode(each).decode()}\n" for each in consistency_proof(3, signed.head.size, kept.subtree)
            )
            body = f"old 3\n{proof}\n".encode() + signed.note
            async with session.post(f"{url}/add-checkpoint", data=body) as answer:
                return answer.status

        statuses = await asyncio.gather(*map(ask, range(8)))
    assert sorted(statuses) == [200, *[409] * 7]


async def test_a_witness_that_is_away_or_talks_nonsense(log: Grower, tmp_path: Path) -> None:
    from aiohttp import web

    async def nonsense(_: web.Request) -> web.Response:
        return web.Response(text="yes")

    app = web.Application()
    app.router.add_post("/add-checkpoint", nonsense)
    async with TestServer(app) as made:
        url = str(made.make_url("")).rstrip("/")
        with pytest.raises(Unavailable, match="no signature"):
            await HttpCosigner(NAME, url).cosign(*log.grow(1))
    with pytest.raises(Unavailable, match="does not answer"):
        await HttpCosigner(NAME, url).cosign(*log.grow(1))
    with pytest.raises(InvalidField):
        HttpCosigner(NAME, "file:///etc/passwd")
