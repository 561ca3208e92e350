"""Names in all the forms that models give them, and streams cut anywhere."""

import random
import time

import pytest

from streams.redaction.placeholders import Known, Restorer, canonical, restore

PHONE, CARD = "13800138000", "4111 1111 1111 1111"
KNOWN = Known({"PHONE_1": PHONE, "PHONE_12": "13900139000", "CREDIT_CARD_2": CARD, "LITERAL_1": "<PHONE_1>"})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("call <PHONE_1>.", f"call {PHONE}."),
        ("< phone_1 >", PHONE),  # spaces, case
        ("<Phone-1>", PHONE),  # a hyphen
        ("<PHONE 1>", PHONE),
        ("<PHONE\\_1>", PHONE),  # as Markdown escapes it
        ("&lt;PHONE_1&gt;", PHONE),  # as HTML does
        ("\\u003cPHONE_1\\u003e", PHONE),  # as JSON does
        ("请拨打＜PHONE_1＞。", f"请拨打{PHONE}。"),  # full-width brackets
        ("＜ＰＨＯＮＥ＿１＞", PHONE),  # full-width letters
        ("电话PHONE_1号", f"电话{PHONE}号"),  # no brackets, between Chinese characters
        ("[PHONE_1](tel:PHONE_1)", f"[{PHONE}](tel:{PHONE})"),
        ("<PHONE_12>, PHONE_12", "13900139000, 13900139000"),  # not <PHONE_1> and a 2
        ("<credit card 2>", CARD),
        ("<PHONE_1 is", f"<{PHONE} is"),  # a bracket that is not closed
        ("< <PHONE_1>>", f"< {PHONE}>"),
        ("<PHONE_1><PHONE_1>", PHONE * 2),
        ("<LITERAL_1>", "<PHONE_1>"),  # restored once, not again
        ("\ud800<PHONE_1>\x00", f"\ud800{PHONE}\x00"),  # lone surrogates and NULs stay
        ("<PHONE_3>", "<PHONE_3>"),  # not of this mapping
        ("<EMAIL_1>", "<EMAIL_1>"),
        ("phone_1", "phone_1"),  # a variable in somebody's code
        ("XPHONE_1 PHONE_1x PHONE_123", "XPHONE_1 PHONE_1x PHONE_123"),
        ("<PHO", "<PHO"),
        ("<PHONE_>", "<PHONE_>"),
        ("<PHONE_99999>", "<PHONE_99999>"),
        ("<   PHONE_1", f"<   {PHONE}"),
        ("", ""),
    ],
)
def test_forms(said: str, expected: str) -> None:
    assert restore(said, KNOWN) == expected
    for size in range(1, 12):
        assert "".join(pieces(said, size)) == expected


def pieces(said: str, size: int) -> list[str]:
    restorer = Restorer(KNOWN)
    return [*(restorer.feed(said[at : at + size]) for at in range(0, len(said), size)), restorer.finish()]


PARTS = ["<", ">", "＜", "＞", " ", "PHONE", "phone", "_", "-", "1", "2", "12", "CREDIT", "CARD", "&lt;", "&gt;", "\\"]
PARTS += ["<PHONE_1>", "<CREDIT_CARD_2>", "LITERAL_1", "文", "a", "\n", "\\u003c", "\\u003E", "　", "１"]


@pytest.mark.parametrize("seed", range(40))
def test_however_a_stream_is_cut_it_says_the_same(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        said = "".join(chance.choices(PARTS, k=chance.randrange(1, 24)))
        restorer, told, at = Restorer(KNOWN), "", 0
        while at < len(said):
            step = chance.randrange(1, 6)
            told += restorer.feed(said[at : at + step])
            at += step
            assert restore(said, KNOWN).startswith(told)
        assert told + restorer.finish() == restore(said, KNOWN)


def test_a_name_never_leaves_in_part() -> None:
    restorer = Restorer(KNOWN)
    assert [restorer.feed(piece) for piece in ("so <PH", "ONE", "_1", "> is", " it")] == [
        "so ",
        "",
        "",
        f"{PHONE} is",
        " it",
    ]


def test_what_is_over_is_not_held_back() -> None:
    assert Restorer(KNOWN).feed("<PHONE_1>") == PHONE
    assert Restorer(KNOWN).feed("plain text") == "plain text"
    assert Restorer(Known({})).feed("<PHONE_1") == "<PHONE_1"


def test_values_in_json_are_escaped() -> None:
    known = Known({"ADDRESS_1": 'Flat "B"\nHigh St'}, json=True)
    assert restore('{"to": "<ADDRESS_1>"}', known) == '{"to": "Flat \\"B\\"\\nHigh St"}'


@pytest.mark.parametrize("said", ["<PHONE_1>", "＜ｐｈｏｎｅ＿０1＞", "&lt;phone 1&gt;", "PHONE\\_1"])
def test_one_name_for_all_forms(said: str) -> None:
    assert canonical(said) == "PHONE_1"


@pytest.mark.parametrize("unit", ["<", "< ", "<PHONE_1", "<PHONE_1>", "&lt;", "PHONE_", "＜"])
def test_time_is_linear(unit: str) -> None:
    def seconds(count: int) -> float:
        text = unit * count
        began = time.perf_counter()
        restore(text, KNOWN)
        return time.perf_counter() - began

    seconds(1000)
    assert min(seconds(20_000) for _ in range(3)) < 30 * max(min(seconds(2000) for _ in range(3)), 2e-4)
