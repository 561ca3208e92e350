"""The command ``headrace`` itself: knows the names of its commands, and loads one only when it is called."""

import logging

import click

from streams.cli.lazy import Lazy

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("up", "Start everything on this machine; Ctrl-C stops it."),
    "gateway": ("processes", "Run the HTTP gateway."),
    "control": ("processes", "Run the way in, the way out and what is watched."),
    "worker": ("processes", "Run the models of a pool, or the training of new ones."),
    "kafka": ("processes", "Run one-node Apache Kafka."),
    "topics": ("topics", "List the topics, or make them."),
    "publish": ("publish", "Publish a request, an upload or feedback."),
    "tail": ("tail", "Show records of a topic as they come."),
    "keys": ("keys", "Issue, list and revoke API keys."),
    "limits": ("limits", "Show who had requests blocked, and lift suspensions."),
    "models": ("models", "List, fetch and check models; look at versions, and go back."),
    "train": ("train", "Start training jobs, and see what became of them."),
    "policy": ("policy", "Show, check and apply the policy."),
    "screening": ("screening", "Screen texts, and tell why they are treated so."),
    "route": ("route", "Tell why a request goes to which model."),
    "audit": ("audit", "Check what the audit log proves."),
    "alerts": ("alerts", "Check alert rules, test a channel, watch the audit."),
    "deadletter": ("deadletter", "List what could not be handled, and send it back."),
    "schema": ("schema", "Export the schemas of events, and check them against the released ones."),
    "config": ("config", "Show and check the settings."),
}


class Root(Lazy):
    """Errors of the platform become one line and an exit status."""

    def invoke(self, ctx: click.Context) -> object:
        from schemas.errors import HeadraceError, Unavailable

        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its errors reach the user as ours
        try:
            return super().invoke(ctx)
        except HeadraceError as error:
            raise Failed(error.message, 3 if isinstance(error, Unavailable) else 1) from error


class Failed(click.ClickException):
    """Ends the command: one line for people, and the status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.exit_code = status


@click.command(
    cls=Root,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done, 1 failed, 2 wrong usage or settings, 3 something needed is away. "
    "Settings come from headrace.yaml and from the environment (HEADRACE_KAFKA__BOOTSTRAP=…).",
)
@click.version_option(package_name="headrace", message="headrace %(version)s")
def main() -> None:
    """The event-driven platform for large models: requests, uploads, feedback and audit as Kafka topics.

    Start with 'headrace up'.
    """
