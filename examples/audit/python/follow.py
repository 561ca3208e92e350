"""Follow the audit log without loss, and check its signed heads as it goes.

    pip install kafka-python cryptography
    headrace audit keys > audit-keys.json      # once, from the operator, over a way that you trust
    python follow.py audit-keys.json state.json

Each record is printed as a line of JSON; give it to what you want instead (``handle``). Where it stands is kept in
``state.json``: cut off at any moment, it goes on there, and at worst handles the last records once more. It ends with 1
when the log is not the one that was signed. ``--end`` stops at the present end.
"""

import hashlib
import json
import os
import sys
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from kafka import KafkaConsumer, TopicPartition

PREFIX = os.environ.get("PREFIX", "headrace")
AUDIT, CHECKPOINTS = f"{PREFIX}.audit", f"{PREFIX}.checkpoints"


class Tree:
    """RFC 6962: the first ``size`` records as the hashes of their full subtrees."""

    def __init__(self, size=0, hashes=()):
        self.size, self.hashes = size, list(hashes)

    def append(self, leaf):
        size = self.size
        while size & 1:
            leaf = hashlib.sha256(b"\x01" + self.hashes.pop() + leaf).digest()
            size >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self):
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = hashlib.sha256(b"\x01" + left + root).digest()
        return root


class Partition:
    """A tree up to the last head that held, the leaves after it, and the heads that are still to come up to."""

    def __init__(self, number, state):
        self.number, self.next = number, state.get("next", 0)
        self.tree = Tree(state.get("size", 0), [b64decode(each) for each in state.get("hashes", ())])
        self.leaves, self.heads = [], {}

    def see(self, record):
        """Whether it is new; one that was handled before is hashed only."""
        expected = self.tree.size + len(self.leaves)
        if record.offset != expected:
            damaged(f"{AUDIT}/{self.number}: offset {record.offset} comes where {expected} should")
        self.leaves.append(hashlib.sha256(b"\x00" + (record.value or b"")).digest())
        return record.offset >= self.next

    def check(self):
        """Go up to each head whose records are all here."""
        for size in sorted(self.heads):
            count = size - self.tree.size
            if count > len(self.leaves):
                return
            for leaf in self.leaves[:count]:
                self.tree.append(leaf)
            del self.leaves[:count]
            if self.heads.pop(size) != self.tree.root():
                damaged(f"{AUDIT}/{self.number}: the first {size} records are not those that were signed")

    def state(self):
        hashes = [b64encode(each).decode() for each in self.tree.hashes]
        return {"next": self.next, "size": self.tree.size, "hashes": hashes}


def head_of(note, keys):
    """Origin, size and root of a head (c2sp.org/tlog-checkpoint) that one of the keys signed."""
    body, _, signatures = note.rpartition(b"\n\n")
    body += b"\n"
    for line in signatures.decode().splitlines():
        _, name, encoded = line.split(" ")
        for key in keys:
            if key["role"] == "checkpoint" and key["name"] == name:
                try:
                    raw = b64decode(encoded)[4:]
                    Ed25519PublicKey.from_public_bytes(b64decode(key["key"])).verify(raw, body)
                    origin, size, root = body.decode().split("\n")[:3]
                    return origin, int(size), b64decode(root)
                except InvalidSignature:
                    continue
    return damaged("a head has no signature of a key that is known")


def damaged(what):
    print(f"DAMAGED: {what}", file=sys.stderr)
    sys.exit(1)


def handle(record):
    """Yours: what is to be done with a record. It is done when this returns."""
    print(json.dumps({"partition": record.partition, "offset": record.offset, "audit": json.loads(record.value)}))


def save(path, partitions):
    """Whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({str(number): each.state() for number, each in partitions.items()}))
    draft.replace(path)


def main(keys_file, state_file, *options):
    keys, path = json.loads(Path(keys_file).read_text())["keys"], Path(state_file)
    state = json.loads(path.read_text()) if path.exists() else {}
    consumer = KafkaConsumer(bootstrap_servers=os.environ.get("BOOTSTRAP", "127.0.0.1:9092"), enable_auto_commit=False)
    audit = [TopicPartition(AUDIT, number) for number in sorted(consumer.partitions_for_topic(AUDIT))]
    heads = [TopicPartition(CHECKPOINTS, number) for number in consumer.partitions_for_topic(CHECKPOINTS)]
    partitions = {tp.partition: Partition(tp.partition, state.get(str(tp.partition), {})) for tp in audit}
    consumer.assign([*audit, *heads])
    consumer.seek_to_beginning(*heads)
    for tp in audit:
        consumer.seek(tp, partitions[tp.partition].tree.size)
    ends = consumer.end_offsets([*audit, *heads])
    while "--end" not in options or any(consumer.position(tp) < end for tp, end in ends.items()):
        for tp, records in consumer.poll(timeout_ms=500).items():
            for record in records:
                if tp.topic == AUDIT:
                    partition = partitions[tp.partition]
                    if partition.see(record):
                        handle(record)
                        partition.next = record.offset + 1
                else:
                    origin, size, root = head_of(record.value, keys)
                    partition = partitions[int(origin.rpartition("/")[2])]
                    if size >= partition.tree.size:
                        partition.heads[size] = root
        for partition in partitions.values():
            partition.check()
        sys.stdout.flush()
        save(path, partitions)


if __name__ == "__main__":
    main(*sys.argv[1:])
