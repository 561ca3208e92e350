"""The thread in which a model computes: jobs as they come, and steps while there is something to do."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")


class Stepping(Protocol):
    @property
    def busy(self) -> bool: ...

    def step(self) -> None: ...


class Loop:
    """Jobs go before the next step; ``stepping`` is what steps, once there is something."""

    def __init__(self, name: str) -> None:
        self.stepping: Stepping | None = None
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def do(self, work: Callable[..., T], *arguments: Any) -> "Future[T]":
        """Have something done in the thread."""
        future: Future[T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work(*arguments))
            except BaseException as error:
                future.set_exception(error)

        self._jobs.put(job)
        return future

    def stop(self) -> None:
        """End after the step in work."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                busy = self.stepping is not None and self.stepping.busy
                job = self._jobs.get(block=not busy)
            except Empty:
                self._step()
                continue
            if job is None:
                return
            job()

    def _step(self) -> None:
        try:
            if self.stepping:
                self.stepping.step()
        except Exception:
            log.exception("a defect in a step of the engine")
