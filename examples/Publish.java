// Ask over Kafka and wait for the answer, with org.apache.kafka:kafka-clients on the class path.
//
//   javac -cp "libs/*" -d out examples/Publish.java && java -cp "out:libs/*" Publish "What is a headrace?"

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public final class Publish {
    private static final String BOOTSTRAP = System.getenv().getOrDefault("BOOTSTRAP", "127.0.0.1:9092");
    private static final String PREFIX = System.getenv().getOrDefault("PREFIX", "headrace");

    public static void main(String[] args) throws Exception {
        String question = args.length > 0 ? String.join(" ", args) : "What is a headrace?";
        String id = UUID.randomUUID().toString();
        try (var answers = answers()) {
            ask(id, question);
            System.out.println(answer(answers, id));
        }
    }

    /** A consumer that stands at the end of the responses: make it before asking. */
    private static KafkaConsumer<String, String> answers() {
        var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", BOOTSTRAP), new StringDeserializer(), new StringDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(PREFIX + ".responses").stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }

    private static void ask(String id, String question) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", BOOTSTRAP, "acks", "all");
        String value = "{\"id\": " + quoted(id) + ", \"messages\": [{\"role\": \"user\", \"content\": " + quoted(question) + "}]}";
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(PREFIX + ".requests", id, value)).get();
        }
    }

    /** The response as JSON; its key is the id of the request. */
    private static String answer(KafkaConsumer<String, String> consumer, String id) {
        Instant deadline = Instant.now().plusSeconds(120);
        while (Instant.now().isBefore(deadline)) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                if (id.equals(record.key())) {
                    return record.value();
                }
            }
        }
        throw new IllegalStateException("no answer came");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
