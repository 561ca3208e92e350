"""Under what an answer is kept: everything that could make it another answer."""

from collections.abc import Sequence
from hashlib import sha256

import orjson

from schemas.base import Digest
from schemas.requests import Request
from schemas.work import Attachment, ModelPin


def cache_key(
    tenant: str,
    model: ModelPin,
    prompt_version: str | None,
    policy: str,
    rules: str,
    request: Request,
    attachments: Sequence[Attachment] = (),
) -> Digest:
    """SHA-256 over the canonical JSON (sorted keys) of tenant, versions, content and sampling.

    ``model`` counts with its version and its adapter's digest, ``attachments`` with their digests: a file id alone may
    come to mean another file. Id, time, trace, user, priority and deadline do not count.
    """
    content = {
        "tenant": tenant,
        "model": [model.name, model.version],
        "adapter": [model.adapter.name, model.adapter.version, model.adapter.sha256] if model.adapter else None,
        "prompt_version": prompt_version,
        "policy": policy,
        "rules": rules,
        "kind": request.kind,
        "messages": [message.model_dump(mode="json") for message in request.messages],
        "prompt": request.prompt,
        "input": request.input,
        "attachments": [attachment.sha256 for attachment in attachments],
        "sampling": request.sampling.model_dump(mode="json"),
    }
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
