"""Whether a log is the one that was signed: the verifier, given records, heads and hashes from where they are kept."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from streams.audit.live import Log, Published, key_of
from streams.audit.tiles import Kept
from streams.audit.verifier.log import Check, Damage, Kind, check_heads
from streams.audit.verifier.notes import Head, NoteError, open_note
from streams.audit.verifier.proofs import Frontier, ProofError
from streams.audit.verifier.trust import Trust

Progress = Callable[[int], None]


@dataclass
class Verdict:
    """What is known of one partition. Good is only what has no damage."""

    partition: int
    low: int = 0
    high: int = 0
    start: int = 0
    """The first record that was checked: without hashes, what is before the first head after ``low`` was not."""
    signed: int = 0
    head: Head | None = None
    damage: list[Damage] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.damage

    @property
    def unsigned(self) -> int:
        return max(self.high - self.signed, 0)


@dataclass(frozen=True)
class Verification:
    """``elsewhere`` are heads that a witness or the auditor kept, ``kept`` gives hashes by partition and size."""

    log: Log
    topic: str
    trust: Trust
    at: datetime
    elsewhere: Callable[[int], Sequence[Published]] = lambda _: ()
    kept: Callable[[str, int], Kept | None] = lambda *_: None
    signatures: bool = False
    max_unsigned: timedelta = timedelta(minutes=10)
    progress: Progress = lambda _: None

    def __call__(self, partition: int) -> Verdict:
        """Blocks until the log was read to its present end, or to the first damage of its records."""
        low, high = self.log.bounds(partition)
        verdict = Verdict(partition, low, high, low)
        heads, frontiers = self._heads(partition, verdict)
        newest = verdict.head = max(heads, key=lambda head: (head.size, head.time, len(head.witnesses)), default=None)
        verdict.damage += self._present(verdict, newest)
        kept = self._kept(newest)
        begin = self._begin(verdict, heads, frontiers, kept)
        check = Check(heads, kept.leaves if kept else lambda *_: b"", begin)
        for found in self._read(partition, verdict, check, newest):
            verdict.damage.append(found)
        verdict.signed = check.signed
        return verdict

    def _heads(self, partition: int, verdict: Verdict) -> tuple[list[Head], dict[int, tuple[bytes, ...]]]:
        """Those that keys of the log signed, and the trees at their sizes."""
        heads, frontiers = [], {}
        for published in self.log.heads(partition):
            head = self._opened(partition, published, verdict)
            if head:
                heads.append(head)
                frontiers[head.size] = published.frontier
        current = [head for head in heads if head.origin == heads[-1].origin]
        verdict.damage += check_heads(current)
        for published in self.elsewhere(partition):
            head = self._opened(partition, published, verdict)
            if head and head.origin not in {each.origin for each in heads}:
                verdict.damage.append(Damage("head missing", None, f"{published.where} has one of {head.origin}"))
            elif head and head.body not in {each.body for each in heads}:
                verdict.damage += _unknown(head, current, published.where)
                current.append(head)
        return current, frontiers

    def _opened(self, partition: int, published: Published, verdict: Verdict) -> Head | None:
        try:
            head = open_note(published.note, self.trust.signers)
        except NoteError as error:
            kind: Kind = "unknown key" if str(error).startswith("unknown key") else "broken head"
            verdict.damage.append(Damage(kind, None, f"the head at {published.where}: {error}"))
            return None
        if not head.origin.endswith(f"/{key_of(self.topic, partition).decode()}"):
            verdict.damage.append(Damage("broken head", None, f"the head at {published.where} is of {head.origin}"))
            return None
        return head

    def _present(self, verdict: Verdict, newest: Head | None) -> Iterator[Damage]:
        """The topic as Kafka says that it is now."""
        if newest is None:
            if verdict.high:
                yield Damage("unsigned", verdict.low, "no head of it was ever signed by a key that is known")
            return
        topic = self.log.topic_id()
        if topic is not None and topic != newest.topic:
            yield Damage("recreated", None, f"the topic is {topic}, and heads are of {newest.topic}")
        if newest.time > self.at + self.max_unsigned:
            yield Damage("clock stepped back", None, f"the newest head is of {newest.time.isoformat()}, in the future")
        if len(newest.witnesses) < self.trust.quorum:
            detail = f"{len(newest.witnesses)} of {self.trust.quorum} witnesses signed the head of {newest.size}"
            yield Damage("not witnessed", None, detail)
        if verdict.high > newest.size and self.at - newest.time > self.max_unsigned:
            detail = f"{verdict.high - newest.size} records wait for a head since {newest.time.isoformat()}"
            yield Damage("unsigned", newest.size, detail)

    def _kept(self, newest: Head | None) -> Kept | None:
        """Hashes are of use only when they are those that were signed, and then they are so all."""
        kept = self.kept(newest.origin, newest.size) if newest else None
        return kept if kept and newest and kept.root() == newest.root else None

    def _begin(
        self, verdict: Verdict, heads: list[Head], frontiers: dict[int, tuple[bytes, ...]], kept: Kept | None
    ) -> Frontier:
        """The tree before the first record that is checked. What retention took, it took in its time."""
        low = verdict.low
        if not low:
            return Frontier()
        verdict.damage += self._retention(low, heads)
        if kept and low <= kept.size:
            return kept.frontier(low)
        for head in sorted(heads, key=lambda head: head.size):
            if head.size >= low and (tree := _tree(head, frontiers)):
                verdict.start = head.size
                return tree
        verdict.damage.append(Damage("truncated", 0, f"the first {low} records are gone, and no head speaks of them"))
        return Frontier(0)

    def _retention(self, low: int, heads: list[Head]) -> Iterator[Damage]:
        last = min((head for head in heads if head.size >= low), key=lambda head: head.size, default=None)
        keep = self.trust.keep_s
        if last and (keep is None or self.at - last.time < timedelta(seconds=keep)):
            promised = "for ever" if keep is None else f"for {keep:.0f} s"
            yield Damage("truncated", 0, f"the first {low} records are gone, though they are to be kept {promised}")

    def _read(self, partition: int, verdict: Verdict, check: Check, newest: Head | None) -> Iterator[Damage]:
        """Signatures of all records are checked when some are known not to fit; those after the last head always."""
        end = min(newest.size if newest else 0, verdict.high)
        all_of_them = self.signatures or bool(newest and newest.strangers)
        start = max(verdict.start, verdict.low)
        for since, until, writers in ((start, end, all_of_them), (max(start, end), verdict.high, True)):
            for batch in self.log.entries(partition, since, until, signatures=writers):
                yield from check.see(batch, self.trust.writers if writers else ())
                self.progress(len(batch))
                if check.ended:
                    return
        yield from self._end(verdict, check)

    def _end(self, verdict: Verdict, check: Check) -> Iterator[Damage]:
        if check.size < verdict.high and not check.ended and verdict.high > verdict.start:
            detail = f"the records {check.size} to {verdict.high - 1} are missing"
            yield Damage("dropped", check.size, detail)
            return
        yield from check.end()


def _tree(head: Head, frontiers: dict[int, tuple[bytes, ...]]) -> Frontier | None:
    """The tree that was published with a head, when it is that of the head."""
    try:
        tree = Frontier(head.size, frontiers.get(head.size, ()))
    except ProofError:
        return None
    return tree if tree.root() == head.root else None


def _unknown(head: Head, heads: Sequence[Head], where: str) -> Iterator[Damage]:
    """A head that somebody keeps, and that the log does not show."""
    same = [each for each in heads if each.size == head.size]
    newest = max((each.size for each in heads), default=0)
    if any(each.root != head.root for each in same):
        yield Damage("forked", None, f"{where} has another head of {head.size} records")
    elif head.size > newest:
        yield Damage(
            "replayed", None, f"{where} has a head of {head.size} records, and the log's newest is of {newest}"
        )
    elif not same:
        yield Damage("head missing", None, f"{where} has a head of {head.size} records that is not on the log any more")
