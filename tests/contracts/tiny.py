"""A tiny random Llama in a folder, with a bilingual tokenizer and a chat template; made in a second."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from workers.models.manifest import Manifest, TransformersEntry

CORPUS = (
    "What is the capital of France? Please tell me a story of the river and the turbines in the mountains.",
    "请问法国的首都是哪里？请给我讲一个关于河流和水轮机的故事，谢谢您的帮助。今天的天气很好。",
    '{"name": "Ann", "age": 30, "city": "Paris", "list": [1, 2, 3], "ok": true}',
)
TEMPLATE = (
    "{% for m in messages %}<|start|>{{ m['role'] }}\n{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)
CONTEXT = 256


def tokenizer() -> PreTrainedTokenizerFast:
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=["<|start|>", "<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(CORPUS * 3, trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|end|>", pad_token="<|end|>")
    made.chat_template = TEMPLATE
    return made


def make(folder: Path, *, seed: int = 3, chat: bool = True) -> Path:
    """Write the model to ``folder``; without ``chat`` its tokenizer has no template."""
    words = tokenizer()
    if not chat:
        words.chat_template = None
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        initializer_range=0.4,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def entry_of(folder: Path, **fields: Any) -> TransformersEntry:
    """A manifest entry for the model in ``folder``."""
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    given = {
        "engine": "transformers",
        "source": {"directory": str(folder)},
        "sha256": {"model.safetensors": weights},
        "context": CONTEXT,
        **fields,
    }
    entry = Manifest.model_validate({"models": {"tiny": given}}).entry("tiny")
    assert isinstance(entry, TransformersEntry)
    return entry
