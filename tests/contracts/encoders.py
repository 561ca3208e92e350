"""Tiny random BERTs in a folder, with a bilingual tokenizer; made in a second."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedTokenizerFast

from tests.contracts.tiny import CORPUS
from workers.models.manifest import Manifest

CONTEXT = 64
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def tokenizer() -> PreTrainedTokenizerFast:
    inner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.train_from_iterator(
        CORPUS * 3, trainers.WordPieceTrainer(vocab_size=300, special_tokens=SPECIAL, show_progress=False)
    )
    inner.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=CONTEXT,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def make(folder: Path, *, labels: int = 0, **config: Any) -> Path:
    """Write an encoder to ``folder``, or a model for classification when it has ``labels``."""
    words = tokenizer()
    torch.manual_seed(3)
    chosen = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=CONTEXT,
        initializer_range=0.4,
        pad_token_id=0,
        num_labels=labels or 2,
        **config,
    )
    made = BertForSequenceClassification(chosen) if labels else BertModel(chosen)
    made.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def entry_of(folder: Path, engine: str, **options: Any) -> Any:
    """A manifest entry for the model in ``folder``."""
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    given = {
        "engine": engine,
        "source": {"directory": str(folder)},
        "sha256": {"model.safetensors": weights},
        "context": CONTEXT,
        "options": options,
    }
    return Manifest.model_validate({"models": {"tiny": given}}).entry("tiny")


def exports(state: Path) -> list[Path]:
    """What exporting left in a state folder."""
    return [*state.glob("onnx/*"), *state.glob("onnx/.*")]
