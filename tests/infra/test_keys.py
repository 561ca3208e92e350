import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.keys import KeyRing, issue, master_key
from infra.settings import Settings
from infra.signing import signing_key_of
from schemas.errors import HeadraceError, InvalidField, KeyRevoked, Unauthenticated

MASTER = bytes(range(32))


def test_a_key_is_known_by_its_text_alone() -> None:
    issued = issue("acme", ["requests", "files"], MASTER, requests_per_minute=5, tokens_per_day=7, note="第一个")
    ring = KeyRing(MASTER)
    ring.apply(issued.record)
    key = ring.authenticate(issued.secret)
    assert key == issued.record == ring.get(issued.id)
    assert (key.tenant, key.scopes) == ("acme", ("requests", "files"))
    assert (key.requests_per_minute, key.tokens_per_day, key.note) == (5, 7, "第一个")


def test_neither_the_record_nor_a_representation_holds_the_secret() -> None:
    issued = issue("acme", ["requests"], MASTER)
    secret = issued.secret.rpartition("-")[2]
    assert len(secret) == 64
    assert secret not in repr(issued)
    assert secret not in issued.record.model_dump_json()
    assert signing_key_of(issued.secret).hex() not in issued.record.model_dump_json()
    assert issued.secret == f"hr-{issued.id}-{secret}"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),  # one digit is another
        lambda text: text[:-1],  # cut off
        lambda text: text + "0",  # longer
        lambda text: text.replace("hr-", "sk-"),  # another mark
        lambda text: "hr-000000000000-" + text.rpartition("-")[2],  # an unknown id
        lambda text: "hr--" + text.rpartition("-")[2],  # no id
        lambda text: text.rpartition("-")[0] + "-",  # no secret
        lambda text: "",  # nothing
        lambda text: "hr",  # the mark alone
        lambda text: text + "密钥",  # not ASCII
        lambda text: text + "\ud800",  # not even text
        lambda text: text + "x" * 10_000,  # very long
    ],
)
def test_a_wrong_key_is_refused(change: Callable[[str], str]) -> None:
    issued = issue("acme", ["requests"], MASTER)
    ring = KeyRing(MASTER)
    ring.apply(issued.record)
    wrong = change(issued.secret)
    with pytest.raises(Unauthenticated) as caught:
        ring.authenticate(wrong)
    assert issued.secret.rpartition("-")[2] not in caught.value.message


def test_a_revoked_key_is_told_so_but_only_to_who_has_it() -> None:
    issued = issue("acme", ["requests"], MASTER)
    ring = KeyRing(MASTER)
    ring.apply(issued.record)
    ring.apply(issued.record.model_copy(update={"revoked": True}))
    with pytest.raises(KeyRevoked):
        ring.authenticate(issued.secret)
    with pytest.raises(KeyRevoked):
        ring.signing_key(issued.id)
    with pytest.raises(Unauthenticated) as caught:
        ring.authenticate(f"hr-{issued.id}-guess")
    assert type(caught.value) is Unauthenticated


def test_the_ring_unseals_what_the_holder_derives() -> None:
    issued = issue("acme", ["requests"], MASTER)
    ring = KeyRing(MASTER)
    ring.apply(issued.record)
    assert ring.signing_key(issued.id) == signing_key_of(issued.secret)


@pytest.mark.parametrize(
    ("master", "update"),
    [
        (bytes(32), {}),  # another master key
        (MASTER, {"sealed": "AAAA"}),  # too short to hold anything
        (MASTER, {"sealed": "not base64!"}),
        (MASTER, {"id": "stolen"}),  # sealed for another id
    ],
)
def test_a_seal_that_does_not_fit_is_refused(master: bytes, update: dict[str, str]) -> None:
    record = issue("acme", ["requests"], MASTER).record.model_copy(update=update)
    ring = KeyRing(master)
    ring.apply(record)
    with pytest.raises(Unauthenticated, match="issue a new one"):
        ring.signing_key(record.id)


def test_an_unknown_key_signs_nothing() -> None:
    with pytest.raises(Unauthenticated):
        KeyRing(MASTER).signing_key("nobody")
    assert KeyRing(MASTER).get("nobody") is None


def test_the_master_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path / "state")
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: master_key(settings), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    path = tmp_path / "state" / "master-key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_the_setting_comes_first(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, master_key=SecretStr(MASTER.hex()))
    assert master_key(settings) == MASTER
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "00" * 31, "00" * 33])
def test_a_master_key_of_another_form_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "master-key").write_text(text)
    for settings in (Settings(state=tmp_path), Settings(master_key=SecretStr(text or "x"))):
        with pytest.raises(InvalidField, match="64 hexadecimal digits") as caught:
            master_key(settings)
        assert isinstance(caught.value, HeadraceError)
        assert not text or text not in caught.value.message
