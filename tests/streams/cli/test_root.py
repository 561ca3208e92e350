"""The command as a whole: help, speed, exit statuses, masked settings."""

import subprocess
import sys
import time

import click
import pytest
from click.testing import CliRunner

from infra.settings import Settings
from streams.cli import main
from streams.cli.root import COMMANDS
from tests.streams.cli.conftest import Run


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        return [(path, command)]
    context = click.Context(command)
    found = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [leaf for name, child in found if child for leaf in leaves(child, (*path, name))]


LEAVES = leaves(main)


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[" ".join(path) for path, _ in LEAVES])
def test_every_command_explains_itself_with_an_example(path: tuple[str, ...], command: click.Command) -> None:
    done = CliRunner().invoke(main, [*path, "--help"])
    assert done.exit_code == 0
    assert command.help
    assert "Example: " in done.output
    assert "headrace " + " ".join(path) in done.output


def test_help_is_there_at_once() -> None:
    began = time.perf_counter()
    code = (
        "import sys; from streams.cli import main; main(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert time.perf_counter() - began < 2
    assert all(name in done.stdout for name in COMMANDS)
    for heavy in ("pydantic", "aiokafka", "faust", "torch", "rich"):
        assert f"'{heavy}'" not in done.stdout


@pytest.mark.parametrize(
    ("words", "environ", "status", "said"),
    [
        # done
        (["config", "show"], {}, 0, "kafka:"),
        # failed: the field's error in one line, with what to do
        (["models", "pull", "nothing"], {}, 1, "there is no model 'nothing'; known:"),
        # wrong usage
        (["worker", "txt"], {}, 2, "there is no pool 'txt'; choose of text, vision"),
        (["worker", "text,training"], {}, 2, "a process of its own"),
        (["tail", "audit", "--since", "yesterday"], {}, 2, "give 90s, 15m"),
        (["tail", "audit", "--where", "status"], {}, 2, "give FIELD=VALUE"),
        (["nonsense"], {}, 2, "No such command"),
        # wrong settings, all of them at once
        (
            ["config", "show"],
            {"HEADRACE_KAFKA__PORT": "0", "HEADRACE_GATEWAY__PORT": "x"},
            2,
            "the settings have problems:\n- kafka.port: Input should be greater than or equal to 1\n- gateway.port:",
        ),
        # something needed is away
        (["topics", "create"], {"HEADRACE_KAFKA__PORT": "1"}, 3, "Kafka does not answer at 127.0.0.1:1"),
    ],
)
def test_statuses(
    words: list[str], environ: dict[str, str], status: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADRACE_CONFIG", "none.yaml")
    done = CliRunner(env=environ).invoke(main, words)
    assert (done.exit_code, said in done.output) == (status, True), done.output
    assert "Traceback" not in done.output


def test_settings_are_shown_without_secrets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_MASTER_KEY", "5e" * 32)
    monkeypatch.setenv("HEADRACE_KAFKA__SASL_PASSWORD", "s3cret")
    shown = run("config", "show").output
    assert "5e5e" not in shown
    assert "s3cret" not in shown
    assert "**********" in shown


def test_check_reaches_what_the_settings_name(run: Run, settings: Settings) -> None:
    done = run("config", "check")
    assert done.exit_code == 0
    assert f"kafka: answers at {settings.kafka.servers}" in done.output
    assert "redis: answers" in done.output


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.startswith("headrace 0.")
