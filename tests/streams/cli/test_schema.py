"""``headrace schema``."""

import json
from pathlib import Path

from click.testing import CliRunner

from streams.cli import main

ROOT = Path(__file__).parents[3]


def test_export_then_check(tmp_path: Path) -> None:
    run = CliRunner().invoke
    folder = tmp_path / "v1"
    made = run(main, ["schema", "export", str(folder), "--asyncapi", str(tmp_path / "asyncapi.json")])
    assert made.exit_code == 0
    assert json.loads((tmp_path / "asyncapi.json").read_text())["asyncapi"] == "3.0.0"
    assert run(main, ["schema", "check", str(folder)]).exit_code == 0

    request = folder / "response.json"
    schema = json.loads(request.read_text())
    schema["properties"]["mood"] = {"type": "string"}
    request.write_text(json.dumps(schema))
    (folder / "telegram.json").write_text("{}")
    done = run(main, ["schema", "check", str(folder)])
    assert done.exit_code == 1
    assert "response.mood: the field is gone" in done.output
    assert "telegram: the event is gone" in done.output


def test_the_released_schemas_hold() -> None:
    assert CliRunner().invoke(main, ["schema", "check", str(ROOT / "docs" / "schemas" / "v1")]).exit_code == 0


def test_without_released_schemas_it_says_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["schema", "check", str(tmp_path / "none")])
    assert (done.exit_code, "headrace schema export" in done.output) == (2, True)
