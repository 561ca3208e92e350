"""Keys of model providers and of the services around them."""

from streams.screening.secrets.issued import UUID, Issued, detector
from streams.screening.secrets.shape import is_issued, is_made_by_chance, is_mixed


def is_secret_key(span: str) -> bool:
    """Whether what follows ``sk-`` is a key: OpenAI, DeepSeek, Moonshot, DashScope and many who follow them."""
    return is_issued(span) and is_made_by_chance(span.removeprefix("sk-").removeprefix("proj-"), 16)


MODELS = detector(
    "model_keys",
    (
        Issued("OpenAI", r"sk-[A-Za-z0-9_-]{10,100}T3BlbkFJ[A-Za-z0-9_-]{10,100}", is_issued, "API_KEY", 0.99),
        Issued("Anthropic", r"sk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{24,120}"),
        Issued("OpenRouter", r"sk-or-v1-[a-f0-9]{64}"),
        Issued("Langfuse", rf"[sp]k-lf-{UUID}"),
        Issued("OpenAI and alike", r"sk-[A-Za-z0-9_-]{20,200}", is_secret_key),
        Issued("OpenAI", r"sess-[A-Za-z0-9]{40}"),
        Issued("Hugging Face", r"(?:hf|api_org)_[A-Za-z0-9]{30,60}"),
        Issued("Replicate", r"r8_[A-Za-z0-9]{37,40}"),
        Issued("Groq", r"gsk_[A-Za-z0-9]{40,60}"),
        Issued("xAI", r"xai-[A-Za-z0-9]{70,90}"),
        Issued("Perplexity", r"pplx-[A-Za-z0-9]{40,60}"),
        Issued("Fireworks", r"fw_[A-Za-z0-9]{20,30}", is_mixed),
        Issued("Together", r"tgp_v1_[A-Za-z0-9_-]{40,50}"),
        Issued("NVIDIA", r"nvapi-[A-Za-z0-9_-]{60,72}"),
        Issued("Cerebras", r"csk-[a-z0-9]{40,60}"),
        Issued("Tavily", r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{20,40}"),
        Issued("Firecrawl", r"fc-[a-f0-9]{32}"),
        Issued("Jina", r"jina_[A-Za-z0-9_-]{50,70}"),
        Issued("Voyage", r"pa-[A-Za-z0-9_-]{40,50}", is_mixed),
        Issued("ElevenLabs", r"sk_[a-f0-9]{48}"),
        Issued("Pinecone", r"pcsk_[A-Za-z0-9_]{50,80}"),
        Issued("LangSmith", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
        Issued("Coze", r"pat_[A-Za-z0-9]{64}"),
        Issued("Dify", r"(?:app|dataset)-[A-Za-z0-9]{24}", is_mixed),
        Issued("RunPod", r"rpa_[A-Z0-9]{40,50}"),
        Issued("Modal", r"a[ks]-[A-Za-z0-9]{22}", is_mixed),
        Issued("Helicone", r"sk-helicone-[a-z0-9-]{20,60}"),
        Issued("Weights & Biases", r"wandb_v1_[A-Za-z0-9_]{40,100}"),
        Issued("Headrace", r"hr-[A-Za-z0-9]{4,64}-[A-Za-z0-9_-]{16,200}", is_mixed, "HEADRACE_KEY"),
    ),
)
