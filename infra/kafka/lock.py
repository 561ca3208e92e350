"""Writing ``jars.lock``: to move to another Kafka, change ``ENDPOINT`` and run ``python -m infra.kafka.lock``."""

from pathlib import Path
from typing import TYPE_CHECKING

from infra.kafka.jars import LOCK, digest

if TYPE_CHECKING:
    from jgo.maven import Artifact

ENDPOINT = "org.apache.kafka:kafka_2.13:4.4.0+org.slf4j:slf4j-simple:1.7.36"


def write_lock(path: Path = LOCK) -> None:
    """Resolve ``ENDPOINT`` with all it depends on and lock what is found."""
    import jgo

    lines = [f"{digest(artifact.resolve())}  {_coordinate(artifact)}" for artifact in jgo.resolve(ENDPOINT)]
    path.write_text("\n".join(sorted(lines, key=lambda line: line.split()[1])) + "\n")


def _coordinate(artifact: "Artifact") -> str:
    return f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"


if __name__ == "__main__":
    write_lock()
