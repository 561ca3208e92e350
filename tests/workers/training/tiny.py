"""A tiny random Llama over bytes, and examples to teach it."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from schemas.base import Source
from schemas.feedback import Example
from schemas.requests import Message
from workers.models.base import Base

TEMPLATE = (
    "{% for m in messages %}<|start|>{{ m['role'][0] }}:{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>a:{% endif %}"
)


def tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level, so Chinese works too; ids 0 and 1 are the control tokens."""
    special = ["<|start|>", "<|end|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate([*special, *alphabet])}
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens(special)
    made = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|end|>", pad_token="<|end|>")
    made.chat_template = TEMPLATE
    return made


def base(seed: int = 0) -> Base:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=258,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=256,
        initializer_range=0.2,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
        tie_word_embeddings=True,
    )
    return Base(LlamaForCausalLM(config).eval(), tokenizer())


def example(
    number: int, prompt: str, correction: str | None, *, request: str | None = None, offset: int | None = None
) -> Example:
    return Example(
        id=f"feedback-{number}",
        request_id=request or f"request-{number}",
        model="tiny",
        messages=(Message(role="user", content=prompt),),
        answer="?",
        correction=correction,
        source=Source(topic="examples", partition=0, offset=number if offset is None else offset),
    )


def pattern(count: int = 40) -> list[Example]:
    """Questions that all have the same few answers, one in each language."""
    answers = ("blue badge", "蓝色")
    return [example(n, f"{'question' if n % 2 else '问题'} {n}", answers[n % 2 == 0]) for n in range(count)]
