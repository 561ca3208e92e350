"""JSON mode: at each step only the tokens that keep the answer a JSON object are allowed (llguidance)."""

from copy import copy
from typing import TYPE_CHECKING, Any

import torch
from llguidance import LLMatcher, LLTokenizer
from tokenizers import decoders
from torch import Tensor

from schemas.errors import InternalError, ModelNotAvailable

if TYPE_CHECKING:
    from llguidance._lib import JsonCompileOptions

_OPTIONS: "JsonCompileOptions" = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""Fixed spaces: a model cannot fill its answer with blanks."""


class JsonGrammar:
    """The grammar of JSON objects over a ``vocabulary`` of so many token ids; ``ends`` are those that end an answer."""

    def __init__(self, tokenizer: Any, vocabulary: int, ends: frozenset[int]) -> None:
        try:
            self._tokenizer = LLTokenizer(described(tokenizer), n_vocab=vocabulary, eos_token=sorted(ends))
        except (ValueError, AttributeError) as error:
            raise ModelNotAvailable(f"this model's tokenizer has no JSON mode: {error}") from error
        self._grammar = LLMatcher.grammar_from_json_schema({"type": "object"}, _OPTIONS)

    def matcher(self) -> "JsonMatcher":
        return JsonMatcher(LLMatcher(self._tokenizer, self._grammar))


class JsonMatcher:
    """Where one answer stands in the grammar."""

    def __init__(self, matcher: LLMatcher) -> None:
        self._matcher = matcher

    @property
    def complete(self) -> bool:
        return self._matcher.is_stopped()

    def forbidden(self) -> Tensor:
        """[vocabulary] bool: the tokens that cannot come next."""
        return torch.frombuffer(bytearray(self._matcher.compute_logit_bias()), dtype=torch.uint8) == 0

    def accept(self, token: int) -> None:
        """Go on by one token. Raises ``InternalError`` when the grammar does not allow it."""
        if not self._matcher.consume_token(token):
            raise InternalError(f"the JSON grammar refused a token: {self._matcher.get_error()[:200]}")


def described(tokenizer: Any) -> str:
    """The JSON of a fast tokenizer. One that works on bytes is said to, where a decoder made for several kinds (as
    transformers makes of GGUF files) would be read as another kind."""
    inner = copy(tokenizer.backend_tokenizer)
    inner.no_padding()
    inner.no_truncation()
    if "ByteLevel" in str(inner.pre_tokenizer):
        inner.decoder = decoders.ByteLevel()
    return str(inner.to_str())
