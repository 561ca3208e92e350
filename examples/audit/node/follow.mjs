// Follow the audit log without loss, and check its signed heads as it goes.
//
//   npm install kafkajs
//   headrace audit keys > audit-keys.json      # once, from the operator, over a way that you trust
//   node follow.mjs audit-keys.json state.json
//
// Each record is printed as a line of JSON; give it to what you want instead (handle). Where it stands is kept in
// state.json: cut off at any moment, it goes on there, and at worst handles the last records once more. It ends with 1
// when the log is not the one that was signed.

import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { Kafka, logLevel } from "kafkajs";

const [keysFile, stateFile] = process.argv.slice(2);
const prefix = process.env.PREFIX ?? "headrace";
const [AUDIT, CHECKPOINTS] = [`${prefix}.audit`, `${prefix}.checkpoints`];
const kafka = new Kafka({ brokers: [process.env.BOOTSTRAP ?? "127.0.0.1:9092"], logLevel: logLevel.ERROR });
const keys = JSON.parse(readFileSync(keysFile)).keys.filter((key) => key.role === "checkpoint");
const state = existsSync(stateFile) ? JSON.parse(readFileSync(stateFile)) : {};
const partitions = new Map();

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

// RFC 6962: a tree up to the last head that held, the leaves after it, and the heads that are still to come up to.
class Partition {
  constructor(number, { next = 0, size = 0, hashes = [] } = {}) {
    Object.assign(this, { number, next, size, leaves: [], heads: new Map() });
    this.hashes = hashes.map((each) => Buffer.from(each, "base64"));
  }

  // Whether a record is new; one that was handled before is hashed only.
  see(offset, value) {
    const expected = this.size + this.leaves.length;
    if (offset < expected) return false;
    if (offset > expected) damaged(`${AUDIT}/${this.number}: offset ${offset} comes where ${expected} should`);
    this.leaves.push(sha256(Buffer.from([0]), value ?? ""));
    return offset >= this.next;
  }

  append(leaf) {
    for (let size = this.size; size % 2; size = (size - 1) / 2) leaf = sha256(Buffer.from([1]), this.hashes.pop(), leaf);
    this.hashes.push(leaf);
    this.size += 1;
  }

  root() {
    return this.hashes.reduceRight((right, left) => sha256(Buffer.from([1]), left, right));
  }

  // Go up to each head whose records are all here.
  check() {
    for (const size of [...this.heads.keys()].sort((one, other) => one - other)) {
      const count = size - this.size;
      if (count > this.leaves.length) return;
      this.leaves.splice(0, count).forEach((leaf) => this.append(leaf));
      if (!this.heads.get(size).equals(this.root()))
        damaged(`${AUDIT}/${this.number}: the first ${size} records are not those that were signed`);
      this.heads.delete(size);
    }
  }

  state() {
    return { next: this.next, size: this.size, hashes: this.hashes.map((each) => each.toString("base64")) };
  }
}

// Origin, size and root of a head (c2sp.org/tlog-checkpoint) that one of the keys signed.
function headOf(note) {
  const end = note.lastIndexOf("\n\n");
  const body = note.subarray(0, end + 1);
  for (const line of note.subarray(end + 2).toString().trim().split("\n")) {
    const [, name, encoded] = line.split(" ");
    const signature = Buffer.from(encoded, "base64").subarray(4);
    for (const key of keys.filter((each) => each.name === name)) {
      const x = Buffer.from(key.key, "base64").toString("base64url");
      const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
      if (verify(null, body, publicKey, signature)) {
        const [origin, size, root] = body.toString().split("\n");
        return { origin, size: Number(size), root: Buffer.from(root, "base64") };
      }
    }
  }
  return damaged("a head has no signature of a key that is known");
}

function damaged(what) {
  console.error(`DAMAGED: ${what}`);
  process.exit(1);
}

// Yours: what is to be done with a record. It is done when this returns.
function handle(partition, offset, value) {
  console.log(JSON.stringify({ partition, offset, audit: JSON.parse(value.toString()) }));
}

// Whole or not at all.
function save() {
  const said = Object.fromEntries([...partitions].map(([number, each]) => [number, each.state()]));
  writeFileSync(`${stateFile}.draft`, JSON.stringify(said));
  renameSync(`${stateFile}.draft`, stateFile);
}

const admin = kafka.admin();
await admin.connect();
for (const { partition } of await admin.fetchTopicOffsets(AUDIT))
  partitions.set(partition, new Partition(partition, state[partition]));
const heads = (await admin.fetchTopicOffsets(CHECKPOINTS)).map(({ partition }) => partition);
await admin.disconnect();

// kafkajs reads by groups alone: this one is new each time, since the position is ours.
const consumer = kafka.consumer({ groupId: `audit-follow-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 250 });
await consumer.connect();
await consumer.subscribe({ topics: [AUDIT, CHECKPOINTS], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    for (const { offset, value } of batch.messages) {
      if (batch.topic === AUDIT) {
        const partition = partitions.get(batch.partition);
        if (partition.see(Number(offset), value)) {
          handle(batch.partition, Number(offset), value);
          partition.next = Number(offset) + 1;
        }
      } else {
        const { origin, size, root } = headOf(value);
        const partition = partitions.get(Number(origin.slice(origin.lastIndexOf("/") + 1)));
        if (size >= partition.size) partition.heads.set(size, root);
      }
    }
    for (const partition of partitions.values()) partition.check();
    save();
  },
});
for (const [number, partition] of partitions) consumer.seek({ topic: AUDIT, partition: number, offset: String(partition.size) });
for (const number of heads) consumer.seek({ topic: CHECKPOINTS, partition: number, offset: "0" });
