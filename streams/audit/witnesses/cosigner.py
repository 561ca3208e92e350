"""A witness over HTTP that cosigns heads (c2sp.org/tlog-witness, add-checkpoint)."""

import asyncio
from base64 import b64encode
from http import HTTPStatus

from aiohttp import ClientError, ClientSession, ClientTimeout

from schemas.errors import AuditDamaged, InvalidField, Unavailable
from streams.audit.notary import Signed
from streams.audit.tiles import Kept
from streams.audit.tree import consistency_proof
from streams.audit.verifier.notes import NoteError, split_note

TIMEOUT = ClientTimeout(total=5.0)
MAX_ANSWER = 2**14


class HttpCosigner:
    """``url`` is that before ``/add-checkpoint``, as in ``https://witness.example.com``."""

    def __init__(self, name: str, url: str) -> None:
        if not url.startswith(("https://", "http://")):
            raise InvalidField(f"the witness {name} needs a url of http or https", param="audit.witnesses")
        self.name, self._url = name, url.rstrip("/")
        self._sizes: dict[str, int] = {}
        """How much of each log it has seen, as far as it said."""

    async def cosign(self, signed: Signed, kept: Kept) -> bytes:
        head = signed.head
        status, answer = await self._ask(self._sizes.get(head.origin, 0), signed, kept)
        if status == HTTPStatus.CONFLICT:
            size = int(answer) if answer.strip().isdigit() else -1
            if not 0 <= size <= head.size:
                raise AuditDamaged(f"the witness {self.name} has seen {size} records, and there are {head.size}")
            status, answer = await self._ask(size, signed, kept)
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise AuditDamaged(f"the witness {self.name} has seen another history")
        if status != HTTPStatus.OK:
            raise Unavailable(f"the witness {self.name} answered {status}")
        try:
            split_note(b"\n\n" + answer)
        except NoteError as error:
            raise Unavailable(f"the witness {self.name} answered with no signature: {error}") from error
        self._sizes[head.origin] = head.size
        return answer

    async def _ask(self, size: int, signed: Signed, kept: Kept) -> tuple[int, bytes]:
        proof = await asyncio.to_thread(consistency_proof, size, signed.head.size, kept.subtree)
        lines = [f"old {size}", *(b64encode(each).decode() for each in proof), "", ""]
        asked = "\n".join(lines).encode() + signed.note
        try:
            async with (
                ClientSession(timeout=TIMEOUT) as session,
                session.post(f"{self._url}/add-checkpoint", data=asked, allow_redirects=False) as answer,
            ):
                return answer.status, await answer.content.read(MAX_ANSWER)
        except (ClientError, TimeoutError, OSError) as error:
            raise Unavailable(f"the witness {self.name} does not answer ({type(error).__name__})") from error
