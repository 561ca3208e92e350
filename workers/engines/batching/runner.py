"""Running a model: the tokens of one step in, the logits after the last token of each sequence out."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from workers.engines.adapters import Segment
from workers.engines.batching import attention
from workers.engines.batching.adapters import Adapters
from workers.engines.batching.attention import Step
from workers.engines.batching.cache import STEP, Cache
from workers.engines.batching.linear import let_go, pack, unpack
from workers.engines.batching.sampler import Chooser
from workers.engines.batching.sequence import Part
from workers.engines.batching.sequence import Sequence as Generating
from workers.engines.batching.virtual import cache_of, computed

log = logging.getLogger(__name__)
LAYERS = {"full_attention", "sliding_attention"}
PROBE = 10
AMONG = 8
CLOSE = 0.03
"""How far logits may be from the library's own, as a share of their spread: bfloat16 rounds that much."""


class Runner(Protocol):
    """``exact``: what a part of a sequence gets does not depend on the others in the step, bit for bit."""

    exact: bool

    def run(self, parts: Sequence[Part]) -> list[tuple[Part, Tensor]]:
        """The logits [vocabulary] of each part that is complete."""
        ...

    def fits(self, slots: int, length: int) -> bool: ...

    def reserve(self, slots: int, length: int) -> None: ...

    def read(self, slot: int, start: int, stop: int) -> Segment | None:
        """A copy of keys and values, where there is such a thing."""
        ...

    def put(self, slot: int, start: int, segment: Segment, count: int, skip: int) -> None: ...

    def release(self, slot: int, *, wipe: bool) -> None: ...

    def before(self, embeddings: Tensor) -> Segment:
        """Keys and values of ``embeddings`` [tokens, hidden] that stand before a prompt."""
        ...


class Together:
    """All sequences in one pass: for models whose attention transformers lets us bring."""

    def __init__(self, model: Any, adapters: Adapters, cache: Cache) -> None:
        self._model, self._adapters, self._cache = model, adapters, cache
        self._own = model.config._attn_implementation
        self.exact, self.windows = False, 0
        self.fits, self.reserve = cache.fits, cache.reserve
        self.read, self.put = cache.read, cache.put

    def run(self, parts: Sequence[Part]) -> list[tuple[Part, Tensor]]:
        """See ``Runner``."""
        step, device = Step(parts, self._cache, self._model.device), self._model.device
        self._adapters.select(step.spans)
        ids, ends = step.ids, step.ends
        rows = torch.tensor([row for row, _ in ends] or [len(ids) - 1], device=device)
        out = self._model(
            input_ids=torch.tensor([ids], device=device),
            position_ids=step.positions[None],
            use_cache=False,
            logits_to_keep=rows,
            step=step,
        )
        self.windows = step.windows
        return [(part, out.logits[0, at]) for at, (_, part) in enumerate(ends)]

    def release(self, slot: int, *, wipe: bool) -> None:
        """See ``Runner``."""
        if wipe:
            self._cache.wipe(slot)

    def before(self, embeddings: Tensor) -> Segment:
        """See ``Runner``."""
        self._adapters.select([])
        return computed(self._model, embeddings, self._own)


class Apart:
    """Each sequence by itself, with the library's own attention and cache: for any causal model."""

    exact = True

    def __init__(self, model: Any, adapters: Adapters) -> None:
        self._model, self._adapters = model, adapters
        self._caches: dict[int, Any] = {}

    def run(self, parts: Sequence[Part]) -> list[tuple[Part, Tensor]]:
        """See ``Runner``."""
        return [(part, logits) for part in parts if (logits := self._run(part)) is not None]

    def _run(self, part: Part) -> Tensor | None:
        sequence = part.sequence
        if not part.start:
            self._caches.pop(sequence.slot, None)
        self._adapters.select([(sequence.place, part.count)])
        out = self._model(
            input_ids=torch.tensor([sequence.ids[part.start : part.stop]], device=self._model.device),
            past_key_values=self._caches.get(sequence.slot),
            use_cache=True,
            logits_to_keep=1,
        )
        self._caches[sequence.slot] = out.past_key_values
        return out.logits[0, -1] if part.complete else None

    def fits(self, slots: int, length: int) -> bool:
        """See ``Runner``."""
        return True

    def reserve(self, slots: int, length: int) -> None:
        """See ``Runner``."""

    def read(self, slot: int, start: int, stop: int) -> Segment | None:
        """See ``Runner``."""
        return None

    def put(self, slot: int, start: int, segment: Segment, count: int, skip: int) -> None:
        """See ``Runner``; only what stands before a prompt comes here, since nothing is read."""
        self._caches[slot] = cache_of(segment)

    def release(self, slot: int, *, wipe: bool) -> None:
        """See ``Runner``."""
        self._caches.pop(slot, None)

    def before(self, embeddings: Tensor) -> Segment:
        """See ``Runner``."""
        self._adapters.select([])
        return computed(self._model, embeddings, self._model.config._attn_implementation)


@torch.inference_mode()
def runner_of(model: Any, adapters: Adapters, slots: int, budget: int) -> Runner:
    """The fastest that gives what the library gives: that is tried, with a few tokens, before it is trusted."""
    own = model.config._attn_implementation
    ids = [(7 * at + 3) % model.config.get_text_config().vocab_size for at in range(PROBE)]
    apart = Apart(model, adapters)
    wanted = _last(apart, _probe(ids))
    replaced = pack(model)
    if not _tried(apart, ids, wanted):
        unpack(replaced)
    together = Together(model, adapters, Cache(slots, budget))
    if _may_be_batched(model):
        _bring_attention(model)
        if _tried(together, ids, wanted) and together.windows >= _sliding(model):
            together.exact = _exact(together, ids, slots)
            let_go(model)
            return together
        model.set_attn_implementation(own)
    let_go(model)
    return apart


def _tried(runner: Runner, ids: list[int], wanted: Tensor) -> bool:
    """Whether it gives the library's logits."""
    try:
        given = _last(runner, _probe(ids))
    except Exception as error:  # models fail in ways of their own with an attention that they do not know
        log.info("a way to run this model does not fit it", extra={"reason": f"{type(error).__name__}: {error}"[:300]})
        return False
    return bool((given - wanted).abs().max() <= CLOSE * (wanted.max() - wanted.min()))


def _sliding(model: Any) -> int:
    """How many layers see a window only."""
    return list(getattr(model.config.get_text_config(), "layer_types", None) or []).count("sliding_attention")


def _may_be_batched(model: Any) -> bool:
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or LAYERS)
    return bool(getattr(model, "_supports_attention_backend", False)) and kinds <= LAYERS


def _bring_attention(model: Any) -> None:
    from transformers import AttentionInterface

    AttentionInterface.register(attention.NAME, attention.attend)
    model.set_attn_implementation(attention.NAME)


def _probe(ids: list[int], slot: int = 0) -> Generating:
    from schemas.requests import Sampling

    made = Generating(ids, 1, frozenset(), Chooser(Sampling()), lambda said: None)
    made.slot = slot
    return made


def _last(runner: Runner, probe: Generating, others: Sequence[Generating] = ()) -> Tensor:
    """Its logits when all but two tokens are computed at once, and these a step each; ``others`` are in the batch."""
    together = [probe, *others]
    runner.reserve(len(together), STEP)
    for count in (PROBE - 2, 1, 1):
        made = runner.run([Part(each, min(count, each.missing)) for each in together if each.missing])
        for each in together:
            each.computed += min(count, each.missing)
    for each in together:
        runner.release(each.slot, wipe=True)
    return next(logits.float() for part, logits in made if part.sequence is probe)


def _exact(together: Together, ids: list[int], slots: int) -> bool:
    """Whether a sequence gets the same logits, to the bit, alone and among others of other lengths."""
    others = [_probe(ids[at % 3 :] * (at // 3 + 1), at) for at in range(1, min(AMONG, slots))]
    return torch.equal(_last(together, _probe(ids)), _last(together, _probe(ids), others))
