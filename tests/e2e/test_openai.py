"""The official ``openai`` client against the gateway."""

import base64

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionContentPartParam, ChatCompletionUserMessageParam

MODEL = "smollm2-135m"
pytestmark = pytest.mark.timeout(400)


def user(content: str | list[ChatCompletionContentPartParam]) -> ChatCompletionUserMessageParam:
    return {"role": "user", "content": content}


def test_models(client: OpenAI) -> None:
    assert {model.id for model in client.models.list()} >= {MODEL, "minilm", "ocr", "echo"}


def test_a_chat_is_answered_by_a_real_model(client: OpenAI) -> None:
    question = user("What is the capital of France?")
    answer = client.chat.completions.create(model=MODEL, messages=[question], max_tokens=24)
    assert "Paris" in (answer.choices[0].message.content or "")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert 0 < answer.usage.completion_tokens <= 24


def test_a_streamed_chat_says_what_the_plain_one_says(client: OpenAI) -> None:
    ask, fresh = client.chat.completions.create, {"cache": False}
    messages = [user("Tell me a long story about three colours.")]  # longer than what screening judges at once
    plain = ask(model=MODEL, messages=messages, max_tokens=160, extra_body=fresh)
    stream = ask(model=MODEL, messages=messages, max_tokens=160, extra_body=fresh, stream=True)
    pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    assert len([piece for piece in pieces if piece]) > 1
    assert "".join(pieces) == plain.choices[0].message.content


def test_embeddings(client: OpenAI) -> None:
    texts = ["The river drives the turbine.", "Water flows to the power plant.", "I like chocolate cake."]
    vectors = [row.embedding for row in client.embeddings.create(model="minilm", input=texts).data]
    assert [len(vector) for vector in vectors] == [384, 384, 384]
    near, far = (sum(a * b for a, b in zip(vectors[0], other, strict=True)) for other in vectors[1:])
    assert near > far


@pytest.mark.parametrize("as_file", [True, False], ids=["file id", "data url"])
def test_a_question_about_an_invoice_is_answered_from_what_was_read(
    client: OpenAI, invoice: bytes, as_file: bool
) -> None:
    picture: ChatCompletionContentPartParam
    if as_file:
        stored = client.files.create(file=("invoice.png", invoice, "image/png"), purpose="user_data")
        picture = {"type": "file", "file": {"file_id": stored.id}}
    else:
        url = "data:image/png;base64," + base64.b64encode(invoice).decode()
        picture = {"type": "image_url", "image_url": {"url": url}}
    content: list[ChatCompletionContentPartParam] = [{"type": "text", "text": "这张发票的总金额是多少?"}, picture]
    answer = client.chat.completions.create(model=MODEL, messages=[user(content)])
    assert "1,130.00" in (answer.choices[0].message.content or "")


def test_errors_arrive_as_the_clients_own_exceptions(client: OpenAI) -> None:
    messages = [user("x")]
    with pytest.raises(openai.NotFoundError, match="there is no model"):
        client.chat.completions.create(model="nope", messages=messages)
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model=MODEL, messages=messages, temperature=9)
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="hr-nobody-nothing").models.list()


def test_a_repeat_comes_from_the_cache_with_a_verdict(client: OpenAI) -> None:
    messages = [user("What is two plus two?")]
    first, second = (client.chat.completions.create(model=MODEL, messages=messages, max_tokens=16) for _ in range(2))
    assert first.choices[0].message.content == second.choices[0].message.content
