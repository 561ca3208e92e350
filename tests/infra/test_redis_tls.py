import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from infra.redis import Store
from infra.settings import RedisSettings, Settings
from infra.valkey import EmbeddedValkey
from schemas.errors import Unavailable


def certificate(directory: Path) -> Path:
    """A key and a certificate for the loopback address, signed by itself."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    moment = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(moment - timedelta(hours=1)).not_valid_after(moment + timedelta(hours=1))
    signed = built.add_extension(loopback, critical=False).sign(key, SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = directory / "server.pem"
    path.write_bytes(secret + signed.public_bytes(Encoding.PEM))
    return path


@asynccontextmanager
async def tls_before(port: int, pem: Path) -> AsyncIterator[int]:
    """A port that speaks TLS and passes on to ``port``: the embedded Valkey has no TLS of its own."""

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        sink.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_redis_over_tls_with_an_authority_of_ones_own(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    async with tls_before(valkey.port, pem) as port:
        trusting = SecretStr(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={pem}")
        store = Store(Settings(redis=RedisSettings(url=trusting, timeout_s=5)))
        assert await store.set("tls", b"yes", 60)
        assert await store.get("tls") == b"yes"
        await store.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    async with tls_before(valkey.port, certificate(tmp_path)) as port:
        store = Store(Settings(redis=RedisSettings(url=SecretStr(f"rediss://127.0.0.1:{port}/0"), timeout_s=5)))
        with pytest.raises(Unavailable):
            await store.get("tls")
        await store.close()
