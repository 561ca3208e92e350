"""The documents say what is so: links, commands, settings, error codes, versions, and both languages alike."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from infra.settings import Settings
from infra.topics import TABLE
from schemas.errors import HeadraceError
from streams.cli import main

ROOT = Path(__file__).parents[1]
HIDDEN = {".venv", ".git", ".headrace", ".headrace-bench", "node_modules"}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if not HIDDEN & set(path.relative_to(ROOT).parts))
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


def prose(path: Path) -> str:
    return FENCE.sub("", path.read_text())


def anchors(path: Path) -> set[str]:
    """What a heading is called in a link: lower case, punctuation dropped, spaces as hyphens."""
    titles = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in HEADING.findall(prose(path)))
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def broken(document: Path) -> list[str]:
    local = [link for link in LINK.findall(prose(document)) if not re.match(r"[a-z][a-z0-9+.-]*:", link)]
    return [link for link in local if not leads_somewhere(document, link)]


def leads_somewhere(document: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = document.parent / name if name else document
    return target.exists() and (not anchor or target.suffix != ".md" or anchor in anchors(target))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(document: Path) -> None:
    assert broken(document) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "# 一 Page, here\n[ok](#一-page-here) [no](#there) [gone](gone.md) [out](https://example.org)\n```\n[x](y)\n```\n"
    )
    assert broken(document) == ["#there", "gone.md"]


READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHELL_COMMAND = re.compile(r"(?:^|`|\| )headrace ([a-z]+(?: [a-z]+)?)", re.MULTILINE)
TEXTS = [
    path for tree in ("schemas", "infra", "workers", "streams", "examples", "docs") for path in (ROOT / tree).rglob("*")
]


def skeleton(text: str) -> list[str]:
    """Headings by level, code blocks by language, rows of tables, and items of lists, in order."""
    found = []
    for line in re.sub(r"^(```\w*\n).*?^```\n", r"\1", text, flags=re.MULTILINE | re.DOTALL).splitlines():
        mark = re.match(r"#+ |```\w*|\||- ", line)
        if mark:
            found.append(mark[0].strip())
    return found


def without_comments(code: str) -> str:
    return re.sub(r" +# .*", "", code)


def known(words: str) -> bool:
    """Whether these are a command, with its sub-command where it has some."""
    command: click.Command | None = main
    for word in words.split():
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), word)
    return command is not None and not isinstance(command, click.Group)


def variables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from variables(section, f"{prefix}{name.upper()}__")
        else:
            yield prefix + name.upper()


def codes(cls: type[HeadraceError]) -> set[str]:
    return {cls.code}.union(*(codes(below) for below in cls.__subclasses__() if below.__module__ == "schemas.errors"))


def test_both_readmes_have_the_same_skeleton() -> None:
    english, chinese = (skeleton(path.read_text()) for path in READMES)
    assert english == chinese
    assert english.count("##") >= 10


def test_both_readmes_show_the_same_code() -> None:
    english, chinese = (
        [(language, without_comments(code)) for language, code in BLOCK.findall(path.read_text())] for path in READMES
    )
    assert english == chinese


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_in_a_readme_exists(readme: Path) -> None:
    found = SHELL_COMMAND.findall(readme.read_text())
    assert len(found) > 20
    assert [words for words in found if not known(words)] == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_setting_in_a_readme_exists(readme: Path) -> None:
    found = set(re.findall(r"HEADRACE_[A-Z_]+", readme.read_text()))
    assert found - set(variables(Settings, "HEADRACE_")) == {"HEADRACE_CONFIG"}


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_error_code_is_in_the_table(readme: Path) -> None:
    roots = {"error", "invalid_request"}
    rows = "\n".join(line for line in readme.read_text().splitlines() if line.startswith("| "))
    assert {code for code in codes(HeadraceError) - roots if f"`{code}`" not in rows} == set()


def test_every_topic_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    names = {topic.name.partition(".")[0] for topic in TABLE}
    assert {name for name in names if f"headrace.{name}" not in text and f"`.{name}`" not in text} == set()


def test_version_and_changelog_agree() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    latest = re.search(r"^## (\S+) - (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert latest is not None
    assert latest[1] == version


def test_no_registry_host_is_named() -> None:
    """Mirrors and proxies are the business of each machine."""
    host = re.compile(r"\b(pypi\.org|pythonhosted|registry\.npmjs|repo1?\.maven|huggingface\.co)")
    files = [path for path in (*TEXTS, *DOCUMENTS, ROOT / "pyproject.toml", ROOT / "Makefile") if path.is_file()]
    texts = {
        str(path.relative_to(ROOT)): path.read_bytes().decode(errors="ignore")
        for path in files
        if path.suffix != ".pyc"
    }
    assert {name for name, text in texts.items() if host.search(text)} == set()
