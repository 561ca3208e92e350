"""Tokens that stand before a prompt and are no text: their keys and values, which no later token changes."""

from typing import Any

import torch
from torch import Tensor

from workers.engines.adapters import Segment


@torch.inference_mode()
def computed(model: Any, embeddings: Tensor, attention: str) -> Segment:
    """Those of ``embeddings`` [tokens, hidden], by the library's own ``attention``."""
    from transformers import DynamicCache

    cache, brought = DynamicCache(), model.config._attn_implementation
    model.set_attn_implementation(attention)
    try:
        model(inputs_embeds=embeddings[None], past_key_values=cache, use_cache=True, logits_to_keep=1)
    finally:
        model.set_attn_implementation(brought)
    return [(layer.keys[0].clone(), layer.values[0].clone()) for layer in cache.layers]


def cache_of(segment: Segment) -> Any:
    """The library's own cache, with these tokens in it."""
    from transformers import DynamicCache

    cache = DynamicCache()
    for layer, (keys, values) in enumerate(segment):
        cache.update(keys[None].clone(), values[None].clone(), layer)
    return cache
