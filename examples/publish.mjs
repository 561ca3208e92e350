// Ask over Kafka and wait for the answer.
//
//   npm install kafkajs
//   node examples/publish.mjs "What is a headrace?"

import { randomUUID } from "node:crypto";
import { Kafka } from "kafkajs";

const prefix = process.env.PREFIX ?? "headrace";
const kafka = new Kafka({ brokers: [process.env.BOOTSTRAP ?? "127.0.0.1:9092"] });
const id = randomUUID();
const question = process.argv.slice(2).join(" ") || "What is a headrace?";

// A group of its own that begins at the end; ask once it has its partitions.
const consumer = kafka.consumer({ groupId: `example-${id}` });
await consumer.connect();
await consumer.subscribe({ topic: `${prefix}.responses`, fromBeginning: false });
const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));

const answered = new Promise((resolve) => {
  consumer.run({
    eachMessage: async ({ message }) => {
      const response = JSON.parse(message.value.toString());
      if (response.id === id) resolve(response);
    },
  });
});
await joined;

const producer = kafka.producer();
await producer.connect();
await producer.send({
  topic: `${prefix}.requests`,
  acks: -1,
  messages: [{ key: id, value: JSON.stringify({ id, messages: [{ role: "user", content: question }] }) }],
});

const response = await answered;
console.log(response.status === "completed" ? response.text : response.error.message);
await Promise.all([producer.disconnect(), consumer.disconnect()]);
