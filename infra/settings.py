"""All settings as one frozen model, read once at the edge.

Order: defaults, then ``headrace.yaml`` in the working directory (or ``HEADRACE_CONFIG``), then the
environment (``HEADRACE_KAFKA__BOOTSTRAP=…``; two underscores go one level down)."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from infra.conduct import AbuseSettings
from schemas.base import Tenant


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(_Section):
    """Any Kafka; with ``embedded`` the one that ``headrace kafka`` runs on ``port``."""

    embedded: bool = True
    port: int = Field(default=9092, ge=1, le=65535)
    bootstrap: str = ""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    prefix: str = Field(default="headrace", pattern=r"^[a-z0-9][a-z0-9.-]{0,60}$")
    partitions: int = Field(default=4, ge=1, le=1000)
    replication: int = Field(default=1, ge=1, le=10)
    session_timeout_s: float = Field(default=10.0, ge=1)
    fetch_wait_ms: int = Field(default=500, ge=1)

    @property
    def servers(self) -> str:
        return self.bootstrap or f"127.0.0.1:{self.port}"


class RedisSettings(_Section):
    """Any Redis or Valkey; with ``embedded`` the Valkey that ``headrace up`` runs on ``port``."""

    embedded: bool = True
    port: int = Field(default=6379, ge=1, le=65535)
    url: SecretStr | None = None
    cluster: bool = False
    timeout_s: float = Field(default=0.25, gt=0)
    memory_mb: int = Field(default=256, ge=16)

    @property
    def address(self) -> str:
        return self.url.get_secret_value() if self.url else f"redis://127.0.0.1:{self.port}/0"


class ObjectSettings(_Section):
    """The object store: any fsspec URL; empty means ``<state>/objects``. ``options`` go to the file system."""

    url: str = ""
    options: dict[str, SecretStr] = {}


class GatewaySettings(_Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    body_bytes: int = Field(default=12 * 2**20, ge=1024)
    timeout_s: float = Field(default=120.0, gt=0)
    in_flight: int = Field(default=1024, ge=1)
    key: SecretStr | None = None
    """The gateway's own API key; without it the one in ``<state>/gateway-key``."""
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Addresses and networks (CIDR) whose ``X-Forwarded-For`` is believed."""
    callback_hosts: tuple[str, ...] = ()
    """Hosts that answers may be called back to: names and addresses, trusted as they are, or patterns (``*``,
    ``*.example.com``) for HTTPS to public addresses."""

    @property
    def url(self) -> str:
        """Where this machine reaches it: one that listens everywhere is on loopback, too."""
        try:
            address = ip_address(self.host)
        except ValueError:
            return f"http://{self.host}:{self.port}"
        if address.is_unspecified:
            address = ip_address("127.0.0.1" if address.version == 4 else "::1")
        return f"http://{address}:{self.port}" if address.version == 4 else f"http://[{address}]:{self.port}"


class LimitSettings(_Section):
    record_bytes: int = Field(default=8 * 2**20, ge=1024)
    prompt_chars: int = Field(default=200_000, ge=1)
    upload_bytes: int = Field(default=6 * 2**20, ge=1024)
    image_pixels: int = Field(default=40_000_000, ge=1)
    deadline_s: float = Field(default=300.0, gt=0)
    batch_deadline_s: float = Field(default=86_400.0, gt=0)
    in_flight: int = Field(default=64, ge=1)
    attempts: int = Field(default=5, ge=1)
    retry_base_s: float = Field(default=0.1, gt=0)
    retry_max_s: float = Field(default=5.0, gt=0)
    requests_per_minute: int = Field(default=60_000, ge=0)
    requests_per_minute_of_address: int | None = Field(default=None, ge=0)
    tokens_per_day: int = Field(default=100_000_000, ge=0)
    remembered: int = Field(default=200_000, ge=1000)
    """Answered ids a control process keeps for each partition."""
    remember_s: float = Field(default=3600.0, gt=0)
    """How far back a new owner of a partition reads ``responses``; also how old a signed record may be."""


class WorkerSettings(_Section):
    """How a worker shares its engines' slots out, and how long it bears with an engine."""

    batch_share: float = Field(default=0.125, gt=0, le=1)
    """The part of an engine's slots that batch work may hold while interactive requests keep coming. Without them it
    holds all but one."""
    weights: dict[Tenant, Annotated[float, Field(gt=0, le=1000)]] = {}
    """What part of a full engine a tenant gets, against 1 for those who are not named."""
    hang_s: float = Field(default=120.0, gt=0)
    """An engine that says nothing for so long while it generates is started again."""
    restarts: int = Field(default=5, ge=0)
    """How often an engine is started again within ``restarts_s``; after that its model is not available."""
    restarts_s: float = Field(default=600.0, gt=0)
    backoff_s: float = Field(default=1.0, ge=0)
    """The pause before the first restart; it doubles with each of those within ``restarts_s``."""


class CacheSettings(_Section):
    enabled: bool = True
    ttl_s: int = Field(default=86_400, ge=1)
    answers_ttl_s: int = Field(default=7 * 86_400, ge=1)


class TrainingTrigger(_Section):
    corrections: int = Field(default=0, ge=0)
    """So many new corrections of a model start a job by themselves; 0 is never."""


class AlertSettings(_Section):
    """Rules over audit events that people are told of; without ``file`` there are none."""

    file: Path | None = None
    hosts: tuple[str, ...] = ()
    """Where alerts may be sent, web and mail servers alike; read as ``gateway.callback_hosts``."""
    secrets: dict[str, SecretStr] = {}
    """What ``secret:NAME`` in the file stands for."""
    waiting: int = Field(default=1000, ge=1)
    """Alerts that may wait for each channel; of more than that only their number is kept, in the audit."""
    attempts: int = Field(default=8, ge=1)
    retry_base_s: float = Field(default=1.0, gt=0)
    retry_max_s: float = Field(default=60.0, gt=0)


class WitnessSettings(_Section):
    """A place that the log's writer cannot change: ``store`` a folder or any fsspec URL, ``kafka`` another Kafka,
    ``http`` a witness that cosigns (c2sp.org/tlog-witness)."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$")
    kind: Literal["store", "kafka", "http"]
    url: str = ""
    options: dict[str, SecretStr] = {}
    lock_days: int = Field(default=0, ge=0, le=36_500)
    """A ``store`` of S3 locks what it is given for so many days (Object Lock, compliance); 0: as its bucket does."""
    kafka: KafkaSettings | None = None


class AuditSettings(_Section):
    checkpoints: bool = True
    """Whether the control process signs heads of the audit log."""
    keys: Path | None = None
    """The folder of the keys that heads are signed with; without it ``<state>/audit-keys``. Processes that may sign
    share it."""
    hashes: str = ""
    """Where the hashes of the tree are kept, a path or an fsspec URL; without it ``<state>/audit``."""
    head_records: int = Field(default=1000, ge=1)
    head_s: float = Field(default=10.0, gt=0)
    """A head is signed for so many records, or for one that waits so long."""
    idle_s: float = Field(default=300.0, gt=0)
    """When nothing comes, a head says so this often."""
    recheck: int = Field(default=1_000_000, ge=0)
    """So many signed records of a partition are read again, and compared, before anything new is signed."""
    witnesses: tuple[WitnessSettings, ...] = ()
    on_failure: Literal["close", "spool"] = "close"
    """What happens while Kafka does not take audit records: nothing is answered, or they wait on the disk."""
    spool_bytes: int = Field(default=256 * 2**20, ge=2**16)
    """So much may wait on the disk; beyond it nothing is answered."""
    content: Literal["digest", "sealed"] = "digest"
    """What the audit keeps of what was asked and answered: a keyed digest, or also the text, sealed under the key of
    whom it is about."""


SealedTopic = Literal[
    "requests", "uploads", "feedback", "work", "results", "chunks", "responses", "examples", "deadletter"
]
Retained = Literal["content", "transient", "learning", "failures", "audit"]


class PrivacySettings(_Section):
    """Where data keys are kept, what they seal, and what an erasure does beside destroying them."""

    keys: Literal["sqlite", "redis", "vault"] = "sqlite"
    """``<state>/data-keys.db`` for processes of one machine, else a Redis that evicts nothing, or HashiCorp Vault."""
    redis_url: SecretStr | None = None
    vault_url: str = ""
    vault_token: SecretStr | None = None
    vault_mount: str = "transit"
    keep_keys_s: float = Field(default=60.0, ge=0)
    """How long a process remembers a data key; it hears of erasures at once while Kafka is there."""
    seal_topics: bool | tuple[SealedTopic, ...] = False
    """Topics whose values are sealed by those of us who publish there. Clients that read ``responses`` from Kafka
    themselves cannot open them, so a deployment that has such clients lists the others."""
    seal_stores: bool = False
    """Whether answers in Redis and files in the object store are sealed."""
    truncate: bool = False
    """Whether an erasure deletes from the topics in transit, whoever published there, all that was handled."""
    retention_days: dict[Retained, Annotated[float, Field(gt=0)]] = {}
    """How long topics keep what they carry, by class; what is not named is as in the table of topics."""

    @property
    def sealed_topics(self) -> frozenset[str]:
        if isinstance(self.seal_topics, tuple):
            return frozenset(self.seal_topics)
        return frozenset(get_args(SealedTopic)) if self.seal_topics else frozenset()


class ScreeningSettings(_Section):
    """What is looked at beyond the built-in rules, and where ``headrace screening serve`` listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8090, ge=1, le=65535)
    pictures: bool = False
    """Whether pictures are looked at for faces and nakedness before anything else sees them (the extra ``safety``)."""
    artefacts: tuple[str, ...] = ("shipped",)
    """Paths of files that ``headrace screening train`` made; ``shipped`` is the one that comes with Headrace."""
    trusted_keys: tuple[Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")], ...] = ()
    """Ed25519 public keys in hexadecimal that such files may be signed with."""
    approvers: dict[str, Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]] = {}
    """Who may approve a policy that loosens, with their Ed25519 public keys: with two or more, two have to."""
    accepted: tuple[str, ...] = ()
    """Versions of policies that need no approvals: what was live before there were approvers."""
    models: dict[str, dict[str, str]] = {}
    """Classifiers of the model manifest (``runtime: onnx``), each with its labels and which entity each of them is."""
    on_refusal: Literal["stop", "policy"] = "stop"
    """When a file is missing, changed or not signed by a trusted key: nothing starts, or the policy's ``on_failure``
    says what becomes of each text."""


class Settings(BaseSettings):
    """Everything that can be set. Secrets are masked in every representation."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="HEADRACE_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    state: Path = Path(".headrace")
    default_tenant: Tenant | None = "local"
    tenant_topics: tuple[Tenant, ...] = ()
    master_key: SecretStr | None = None
    """32 bytes in hexadecimal; without it ``<state>/master-key`` is made and used."""
    models_file: Path | None = None
    """The model manifest; without it the one that ships with Headrace."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = True
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    otlp_endpoint: str | None = None
    kafka: KafkaSettings = KafkaSettings()
    redis: RedisSettings = RedisSettings()
    objects: ObjectSettings = ObjectSettings()
    gateway: GatewaySettings = GatewaySettings()
    limits: LimitSettings = LimitSettings()
    abuse: AbuseSettings = AbuseSettings()
    worker: WorkerSettings = WorkerSettings()
    cache: CacheSettings = CacheSettings()
    training: TrainingTrigger = TrainingTrigger()
    audit: AuditSettings = AuditSettings()
    privacy: PrivacySettings = PrivacySettings()
    alerts: AlertSettings = AlertSettings()
    screening: ScreeningSettings = ScreeningSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = Path(os.environ.get("HEADRACE_CONFIG", "headrace.yaml"))
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls, yaml_file=path)
