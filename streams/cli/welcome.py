"""What ``headrace up`` says when all is ready: addresses, and commands to paste."""

from infra.settings import Settings

WELCOME = """
Headrace is ready. Ctrl-C stops it.

  API        {url}/v1          the OpenAI API; {url}/openapi.json describes it
  Kafka      {kafka}
  Metrics    {url}/metrics
  API key    {key}
             (in {state}/api-key)
  Logs       {state}/logs

Ask over HTTP:

  curl {url}/v1/chat/completions -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' -H 'X-Request-Id: {id}' \\
    -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "What is a headrace?"}}]}}'

Ask with the OpenAI client (pip install openai):

  python - <<'END'
  from openai import OpenAI
  client = OpenAI(base_url="{url}/v1", api_key="{key}")
  stream = client.chat.completions.create(
      model="{model}", messages=[{{"role": "user", "content": "What is Kafka?"}}], stream=True)
  for chunk in stream:
      print(chunk.choices[0].delta.content or "", end="", flush=True)
  END

Ask over Kafka, and read the answers:

  echo '{{"id": "{id}-kcat", "messages": [{{"role": "user", "content": "你好！"}}]}}' \\
    | kcat -P -b {kafka} -t {prefix}.requests
  kcat -C -b {kafka} -t {prefix}.responses -o -5 -e

Hand in a picture, and ask about it:

  curl {url}/v1/files -H 'Authorization: Bearer {key}' -F purpose=user_data -F file=@invoice.png
  curl {url}/v1/chat/completions -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\
    -d '{{"model": "{model}", "messages": [{{"role": "user", "content": [
         {{"type": "text", "text": "这张发票的总金额是多少?"}},
         {{"type": "file", "file": {{"file_id": "FILE_ID"}}}}]}}]}}'

Correct the first answer (it is learnt from: headrace train start {model}):

  curl {url}/v1/feedback -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\
    -d '{{"request_id": "{id}", "correction": "The channel that brings a river to the turbines."}}'

Watch every decision:

  {command} tail audit
"""


def welcome(settings: Settings, key: str, model: str, request_id: str, command: str) -> str:
    """The text with the real key and ports in it."""
    return WELCOME.format(
        url=settings.gateway.url,
        kafka=settings.kafka.servers,
        prefix=settings.kafka.prefix,
        state=settings.state,
        key=key,
        model=model,
        id=request_id,
        command=command,
    )
