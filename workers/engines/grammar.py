"""Answers in a form: at each step only the tokens that keep the answer in it are allowed (llguidance).

What a form may cost is bounded: its size where it is read (``schemas.forms``), its grammar, and the work and memory of
each step here, so none takes more than some tens of milliseconds to compile or for a token.
"""

from copy import copy
from typing import TYPE_CHECKING, Any

import torch
from llguidance import LLMatcher, LLParserLimits, LLTokenizer
from tokenizers import decoders
from torch import Tensor

from schemas.errors import InternalError, InvalidField, ModelNotAvailable
from schemas.requests import ResponseFormat

if TYPE_CHECKING:
    from llguidance._lib import JsonCompileOptions

JSON_OBJECT = ResponseFormat(type="json_object")
_OPTIONS: "JsonCompileOptions" = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""Fixed spaces: a model cannot fill its answer with blanks."""
_LIMITS = LLParserLimits(max_lexer_states=25_000, max_grammar_size=200_000)
"""A state takes 1 to 2 kB, so an answer's grammar at most 50 MB; the other limits are the library's."""
_HINTS = {
    "oneOf": "'oneOf' cannot be kept to here: say 'anyOf'",
    "regex parse error": "the pattern is no regular expression, or has look-around or backreferences, which cannot be "
    "kept to here",
}


class Grammars:
    """The forms of answers over a ``vocabulary`` of so many token ids; ``ends`` are those that end an answer."""

    def __init__(self, tokenizer: Any, vocabulary: int, ends: frozenset[int]) -> None:
        try:
            self._tokenizer = LLTokenizer(described(tokenizer), n_vocab=vocabulary, eos_token=sorted(ends))
        except (ValueError, AttributeError) as error:
            raise ModelNotAvailable(f"this model's tokenizer has no JSON mode: {error}") from error

    def matcher(self, form: ResponseFormat = JSON_OBJECT) -> "Matcher":
        """The beginning of an answer in a form other than ``text``.

        Raises:
            InvalidField: the form cannot be kept to, as a schema that contradicts itself or is too complex.
        """
        matcher = LLMatcher(self._tokenizer, compiled(form), log_level=0, limits=_LIMITS)
        if matcher.is_error():
            raise unfit(form, matcher.get_error())
        made = Matcher(matcher, form)
        made.forbidden()
        return made


class Matcher:
    """Where one answer stands in its form."""

    def __init__(self, matcher: LLMatcher, form: ResponseFormat = JSON_OBJECT) -> None:
        self._matcher, self._form = matcher, form

    @property
    def complete(self) -> bool:
        return self._matcher.is_stopped()

    def forbidden(self) -> Tensor:
        """[vocabulary] bool: the tokens that cannot come next. Raises ``InvalidField`` when that is too much to find
        out."""
        mask = bytearray(self._matcher.compute_logit_bias())
        if self._matcher.is_error():
            raise unfit(self._form, self._matcher.get_error())
        return torch.frombuffer(mask, dtype=torch.uint8) == 0

    def accept(self, token: int) -> None:
        """Go on by one token. Raises ``InternalError`` when the grammar does not allow it."""
        if not self._matcher.consume_token(token):
            raise InternalError(f"the grammar refused a token: {self._matcher.get_error()[:200]}")


JsonGrammar = Grammars
JsonMatcher = Matcher


def compiled(form: ResponseFormat) -> str:
    """The grammar of a form, as the library writes it; what is wrong with it is found out by a matcher."""
    if form.type == "regex":
        return LLMatcher.grammar_from_regex(form.pattern or "")
    schema = dict(form.json_schema or {}) if form.type == "json_schema" else {"type": "object"}
    schema.pop("x-guidance", None)
    return LLMatcher.grammar_from_json_schema(schema, _OPTIONS)


def unfit(form: ResponseFormat, said: str) -> InvalidField:
    """What a client is told whose form cannot be kept to; ``said`` is the library's word."""
    what = "pattern" if form.type == "regex" else "json_schema"
    why = next((hint for sign, hint in _HINTS.items() if sign in said), " ".join(said.split())[:200])
    return InvalidField(f"answers cannot be held to this {what}: {why}", param=f"response_format.{what}")


def described(tokenizer: Any) -> str:
    """The JSON of a fast tokenizer. One that works on bytes is said to, where a decoder made for several kinds (as
    transformers makes of GGUF files) would be read as another kind."""
    inner = copy(tokenizer.backend_tokenizer)
    inner.no_padding()
    inner.no_truncation()
    if "ByteLevel" in str(inner.pre_tokenizer):
        inner.decoder = decoders.ByteLevel()
    return str(inner.to_str())
