import os
import sys
from pathlib import Path

import pytest

from infra.process import become, spawn


def test_the_child_is_in_a_group_of_its_own_and_says_everything_into_the_log(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    script = "import os, sys; print(os.getpgid(0), os.environ['WORD']); sys.exit('错误')"
    child = spawn([sys.executable, "-c", script], log, env={"WORD": "word", "PYTHONUTF8": "1"})
    assert child.wait(20) == 1
    assert log.read_text() in {f"{child.pid} word\n错误\n", f"错误\n{child.pid} word\n"}
    assert child.pid != os.getpgid(0)


def test_the_log_is_appended_to(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    for _ in range(2):
        assert spawn(["/bin/echo", "again"], log).wait(20) == 0
    assert log.read_text() == "again\nagain\n"


def test_an_orphan_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "other")  # this process stays untied
    become(os.getppid() + 1, ["/bin/false"])
