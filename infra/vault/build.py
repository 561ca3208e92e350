"""The vault that settings ask for."""

from infra.keys import DATA_KEYS, master_key
from infra.redis import Store
from infra.settings import RedisSettings, Settings
from infra.topics import Names
from infra.vault.port import KeyStore
from infra.vault.redis import RedisKeys
from infra.vault.sqlite import SqliteKeys
from infra.vault.transit import TransitKeys
from infra.vault.vault import Vault
from schemas.errors import InvalidField

WAIT_S = 5.0
"""Keys cannot be done without, so they are waited for longer than what is merely kept."""


def build_vault(settings: Settings) -> Vault:
    """Nothing is opened or connected yet."""
    privacy = settings.privacy
    return Vault(
        build_keys(settings),
        Names(settings.kafka),
        topics=privacy.sealed_topics,
        audit=settings.audit.content == "sealed",
        stores=privacy.seal_stores,
        keep_s=privacy.keep_keys_s,
    )


def build_keys(settings: Settings) -> KeyStore:
    """The key store of the settings.

    Raises:
        InvalidField: they do not say where it is.
    """
    privacy = settings.privacy
    if privacy.keys == "vault":
        if not privacy.vault_url or privacy.vault_token is None:
            raise InvalidField("data keys in Vault need HEADRACE_PRIVACY__VAULT_URL and HEADRACE_PRIVACY__VAULT_TOKEN")
        return TransitKeys(privacy.vault_url, privacy.vault_token.get_secret_value(), privacy.vault_mount)
    if privacy.keys == "redis":
        if privacy.redis_url is None:
            raise InvalidField("data keys in Redis need HEADRACE_PRIVACY__REDIS_URL: one that evicts nothing")
        redis = RedisSettings(embedded=False, url=privacy.redis_url, timeout_s=WAIT_S)
        return RedisKeys(Store(settings.model_copy(update={"redis": redis})), master_key(settings))
    return SqliteKeys(settings.state / DATA_KEYS, master_key(settings))
