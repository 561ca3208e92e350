"""Pictures: read, asked about, and handed on as text to a model that can say more."""

from collections import OrderedDict
from collections.abc import AsyncGenerator

from infra.objects import ObjectStore
from infra.settings import LimitSettings
from infra.vault.kept import SealedFiles
from infra.vault.vault import Vault
from schemas.errors import ModelNotAvailable
from schemas.requests import Message
from schemas.results import Final, Handover
from schemas.work import Attachment, Work
from streams.inference.agent import handover
from streams.inference.runners import final
from workers.vision.documents import compose_context, compose_text
from workers.vision.port import Reader, Reading
from workers.vision.questions import answer

MEMORY = 64


class ReadingPictures:
    """Uploads are read; a question about a picture is answered from what was read in it, or goes on to the next model
    with that text as untrusted context."""

    slots = 1

    def __init__(self, reader: Reader, objects: ObjectStore, limits: LimitSettings, vault: Vault | None = None) -> None:
        self._reader, self._files, self._limits = reader, SealedFiles(objects, vault), limits
        self._known: OrderedDict[str, Reading] = OrderedDict()

    async def run(self, work: Work) -> AsyncGenerator[Final | Handover, None]:
        readings = [await self._read(attachment) for attachment in work.attachments]
        if work.kind == "read":
            yield final(work, text="\n".join(reading.text for reading in readings), file=work.attachments[0])
            return
        question = next((m.text for m in reversed(work.messages) if m.role == "user"), "")
        for reading in readings:
            if found := answer(question, reading):
                yield final(work, text=found.text)
                return
        if not work.fallbacks:
            raise ModelNotAvailable("the pictures do not answer this, and no text model is there to say more")
        read = "\n\n".join(compose_text(reading) for reading in readings)
        messages = with_context(work.messages, compose_context(read))
        yield handover(work, messages=messages, attachments=()).model_copy(update={"read": read})

    async def _read(self, attachment: Attachment) -> Reading:
        if attachment.sha256 not in self._known:
            data = await self._files.get(attachment.uri, attachment.sha256, self._limits.upload_bytes)
            self._known[attachment.sha256] = await self._reader.read(data)
            while len(self._known) > MEMORY:
                self._known.popitem(last=False)
        self._known.move_to_end(attachment.sha256)
        return self._known[attachment.sha256]


def with_context(messages: tuple[Message, ...], context: str) -> tuple[Message, ...]:
    """The messages as text only, with what was read before the last of them."""
    texts = [message.model_copy(update={"content": message.text}) for message in messages]
    return (*texts[:-1], Message(role="user", content=context), *texts[-1:])
