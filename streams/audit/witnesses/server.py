"""A witness of one's own: an HTTP server that cosigns heads which go on from those that it cosigned before
(c2sp.org/tlog-witness). It needs no Kafka, and runs where the operator of the log cannot change it."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.base import now
from schemas.errors import AuditDamaged
from streams.audit.folders import Folder
from streams.audit.verifier.notes import MAX_NOTE, Head, NoteError, PublicKey, cosigned, from_base64, open_note
from streams.audit.verifier.proofs import MAX_PROOF, ProofError, check_consistency

SIZE_TYPE = "text/x.tlog.size"
AHEAD = timedelta(minutes=5)


class Refused(Exception):
    """A head that is not cosigned: the status, and what to say."""

    def __init__(self, status: int, text: str, content_type: str = "text/plain") -> None:
        super().__init__(text)
        self.status, self.text, self.content_type = status, text, content_type


class WitnessServer:
    """``keys`` are those of the logs that it knows. What it cosigned stands in ``folder`` before the answer leaves."""

    def __init__(self, name: str, private: Ed25519PrivateKey, keys: Sequence[PublicKey], folder: Folder) -> None:
        self.public = PublicKey(name, private.public_key().public_bytes_raw(), "witness")
        self._private, self._keys, self._folder = private, tuple(keys), folder
        self._turn = asyncio.Lock()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=2 * MAX_NOTE)
        app.router.add_post("/add-checkpoint", self._add)
        return app

    async def _add(self, request: web.Request) -> web.Response:
        asked = await request.read()
        async with self._turn:
            try:
                line = await asyncio.to_thread(self.add, asked)
            except Refused as refused:
                return web.Response(status=refused.status, text=refused.text, content_type=refused.content_type)
        return web.Response(body=line, content_type="text/plain")

    def add(self, asked: bytes) -> bytes:
        """The line of the cosignature. Raises ``Refused``."""
        old, proof, note = parse_request(asked)
        head = self._opened(note)
        size, root = self._seen(head.origin)
        if old != size:
            raise Refused(409, f"{size}\n", SIZE_TYPE)
        if head.size < size:
            raise Refused(400, f"{size} records were seen, and this is a head of {head.size}\n")
        try:
            if size:
                check_consistency(size, head.size, root, head.root, proof)
        except ProofError as error:
            raise Refused(409 if head.size == size else 422, f"not the log that was seen: {error}\n") from error
        self._remember(head)
        moment = int(time.time())
        raw = self.public.id + moment.to_bytes(8, "big") + self._private.sign(cosigned(head.body, moment))
        return f"\u2014 {self.public.name} {b64encode(raw).decode()}\n".encode()

    def _opened(self, note: bytes) -> Head:
        try:
            head = open_note(note, self._keys)
        except NoteError as error:
            unknown = str(error).startswith("unknown key")
            raise Refused(403 if unknown else 400, f"{error}\n") from error
        if head.time > now() + AHEAD:
            raise Refused(400, f"the head is of {head.time.isoformat()}, which is to come\n")
        return head

    def _seen(self, origin: str) -> tuple[int, bytes]:
        said = self._folder.read(_file(origin))
        if said is None:
            return 0, b""
        try:
            known = json.loads(said)
            return int(known["size"]), from_base64(known["root"])
        except (ValueError, KeyError, TypeError) as error:
            raise AuditDamaged(f"what was seen of {origin} cannot be read: put it back") from error

    def _remember(self, head: Head) -> None:
        known = {"origin": head.origin, "size": head.size, "root": b64encode(head.root).decode()}
        self._folder.write(_file(head.origin), json.dumps(known).encode())


def parse_request(asked: bytes) -> tuple[int, list[bytes], bytes]:
    """The old size, the proof, and the note. Raises ``Refused``."""
    said, gap, note = asked.partition(b"\n\n")
    first, *lines = said.decode("utf-8", "replace").split("\n")
    word, _, size = first.partition(" ")
    if not gap or word != "old" or not size.isdigit() or len(size) > 19 or len(lines) > MAX_PROOF:
        raise Refused(400, "give 'old N', the proof a line each, an empty line, and the head\n")
    try:
        return int(size), [from_base64(line) for line in lines], note
    except NoteError as error:
        raise Refused(400, f"the proof is base64: {error}\n") from error


def _file(origin: str) -> str:
    return f"seen/{sha256(origin.encode()).hexdigest()}.json"
