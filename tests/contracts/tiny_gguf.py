"""The tiny Llama as a GGUF file, as llama.cpp and OpenVINO read it."""

from pathlib import Path
from typing import Any

import gguf
import torch
from transformers import AutoModelForCausalLM

from tests.contracts import tiny

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
}


def make(folder: Path, file: Path) -> Path:
    """Write what ``tiny.make`` put into ``folder`` to ``file``. The weights are random, so their order is not kept."""
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    writer = gguf.GGUFWriter(str(file), "llama")
    describe(writer, model.config)
    tokens(writer)
    for name, value in model.state_dict().items():
        matrix = value.ndim == 2
        writer.add_tensor(renamed(name), value.to(torch.float16 if matrix else torch.float32).numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def describe(writer: gguf.GGUFWriter, config: Any) -> None:
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(tiny.CONTEXT)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(config.vocab_size)


def tokens(writer: gguf.GGUFWriter) -> None:
    import json

    words = tiny.tokenizer()
    inner = json.loads(words.backend_tokenizer.to_str())["model"]
    known = sorted(inner["vocab"], key=inner["vocab"].__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(known)
    special = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([special[0] if word.startswith("<|") else special[1] for word in known])
    writer.add_token_merges([" ".join(pair) for pair in inner["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_pad_token_id(1)
    writer.add_add_bos_token(False)
    writer.add_chat_template(tiny.TEMPLATE)


def renamed(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    for theirs, ours in NAMES.items():
        if stem.endswith(theirs):
            block = f"blk.{stem.split('.')[2]}." if "layers" in stem else ""
            return f"{block}{ours}.{kind}"
    raise AssertionError(name)
