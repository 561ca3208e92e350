// Follow the audit log without loss, and check its signed heads as it goes; with org.apache.kafka:kafka-clients (and the
// Jackson that it can use) on the class path.
//
//   headrace audit keys > audit-keys.json      # once, from the operator, over a way that you trust
//   javac -cp "libs/*" -d out Follow.java && java -cp "out:libs/*" Follow audit-keys.json state
//
// Each record is printed as a line; give it to what you want instead (handle). Where it stands is kept in the folder
// `state`: cut off at any moment, it goes on there, and at worst handles the last records once more. It ends with 1 when
// the log is not the one that was signed.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public final class Follow {
    private static final String PREFIX = System.getenv().getOrDefault("PREFIX", "headrace");
    private static final String AUDIT = PREFIX + ".audit";
    private static final String CHECKPOINTS = PREFIX + ".checkpoints";
    private static final byte[] ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

    /** RFC 6962: a tree up to the last head that held, the leaves after it, and the heads still to come up to. */
    private static final class Partition {
        final int number;
        final Path file;
        final List<byte[]> hashes = new ArrayList<>();
        final List<byte[]> leaves = new ArrayList<>();
        final TreeMap<Long, byte[]> heads = new TreeMap<>();
        long next;
        long size;

        Partition(int number, Path folder) throws Exception {
            this.number = number;
            this.file = folder.resolve(number + ".txt");
            if (Files.exists(file)) {
                String[] said = Files.readString(file).strip().split(" ");
                next = Long.parseLong(said[0]);
                size = Long.parseLong(said[1]);
                for (int at = 2; at < said.length; at++) hashes.add(HexFormat.of().parseHex(said[at]));
            }
        }

        /** Whether a record is new; one that was handled before is hashed only. */
        boolean see(ConsumerRecord<byte[], byte[]> record) throws Exception {
            long expected = size + leaves.size();
            if (record.offset() != expected)
                damaged(AUDIT + "/" + number + ": offset " + record.offset() + " comes where " + expected + " should");
            leaves.add(sha256(new byte[] {0}, record.value() == null ? new byte[0] : record.value()));
            return record.offset() >= next;
        }

        void append(byte[] leaf) throws Exception {
            for (long left = size; (left & 1) == 1; left >>= 1)
                leaf = sha256(new byte[] {1}, hashes.remove(hashes.size() - 1), leaf);
            hashes.add(leaf);
            size++;
        }

        byte[] root() throws Exception {
            byte[] root = hashes.get(hashes.size() - 1);
            for (int at = hashes.size() - 2; at >= 0; at--) root = sha256(new byte[] {1}, hashes.get(at), root);
            return root;
        }

        /** Go up to each head whose records are all here. */
        void check() throws Exception {
            while (!heads.isEmpty() && heads.firstKey() - size <= leaves.size()) {
                Map.Entry<Long, byte[]> head = heads.pollFirstEntry();
                int count = (int) (head.getKey() - size);
                for (byte[] leaf : leaves.subList(0, count)) append(leaf);
                leaves.subList(0, count).clear();
                if (!Arrays.equals(head.getValue(), root()))
                    damaged(AUDIT + "/" + number + ": the first " + size + " records are not those that were signed");
            }
        }

        /** Whole or not at all. */
        void save() throws Exception {
            StringBuilder said = new StringBuilder(next + " " + size);
            for (byte[] hash : hashes) said.append(' ').append(HexFormat.of().formatHex(hash));
            Path draft = Files.writeString(file.resolveSibling(number + ".draft"), said);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static byte[] sha256(byte[]... parts) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (byte[] part : parts) digest.update(part);
        return digest.digest();
    }

    /** Origin, size and root of a head (c2sp.org/tlog-checkpoint) that one of the keys signed. */
    private static String[] headOf(byte[] note, JsonNode keys) throws Exception {
        String text = new String(note, StandardCharsets.UTF_8);
        int end = text.lastIndexOf("\n\n");
        String body = text.substring(0, end + 1);
        for (String line : text.substring(end + 2).strip().split("\n")) {
            String[] parts = line.split(" ");
            byte[] raw = Base64.getDecoder().decode(parts[2]);
            for (JsonNode key : keys) {
                if (!key.get("role").asText().equals("checkpoint") || !key.get("name").asText().equals(parts[1])) continue;
                byte[] bare = Base64.getDecoder().decode(key.get("key").asText());
                byte[] encoded = Arrays.copyOf(ED25519, ED25519.length + bare.length);
                System.arraycopy(bare, 0, encoded, ED25519.length, bare.length);
                PublicKey found = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
                Signature check = Signature.getInstance("Ed25519");
                check.initVerify(found);
                check.update(body.getBytes(StandardCharsets.UTF_8));
                if (check.verify(raw, 4, raw.length - 4)) return body.split("\n");
            }
        }
        damaged("a head has no signature of a key that is known");
        return new String[0];
    }

    private static void damaged(String what) {
        System.err.println("DAMAGED: " + what);
        System.exit(1);
    }

    /** Yours: what is to be done with a record. It is done when this returns. */
    private static void handle(ConsumerRecord<byte[], byte[]> record) {
        String value = new String(record.value(), StandardCharsets.UTF_8);
        System.out.println("{\"partition\":" + record.partition() + ",\"offset\":" + record.offset() + ",\"audit\":" + value + "}");
    }

    public static void main(String[] args) throws Exception {
        JsonNode keys = new ObjectMapper().readTree(Path.of(args[0]).toFile()).get("keys");
        Path folder = Files.createDirectories(Path.of(args[1]));
        Map<String, Object> options = new HashMap<>();
        options.put("bootstrap.servers", System.getenv().getOrDefault("BOOTSTRAP", "127.0.0.1:9092"));
        options.put("enable.auto.commit", false);
        options.put("isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(options, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Map<Integer, Partition> partitions = new HashMap<>();
            List<TopicPartition> audit = new ArrayList<>();
            List<TopicPartition> heads = new ArrayList<>();
            consumer.partitionsFor(AUDIT).forEach(each -> audit.add(new TopicPartition(AUDIT, each.partition())));
            consumer.partitionsFor(CHECKPOINTS).forEach(each -> heads.add(new TopicPartition(CHECKPOINTS, each.partition())));
            for (TopicPartition each : audit) partitions.put(each.partition(), new Partition(each.partition(), folder));
            List<TopicPartition> all = new ArrayList<>(audit);
            all.addAll(heads);
            consumer.assign(all);
            consumer.seekToBeginning(heads);
            for (TopicPartition each : audit) consumer.seek(each, partitions.get(each.partition()).size);
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    if (record.topic().equals(AUDIT)) {
                        Partition partition = partitions.get(record.partition());
                        if (partition.see(record)) {
                            handle(record);
                            partition.next = record.offset() + 1;
                        }
                    } else {
                        String[] head = headOf(record.value(), keys);
                        Partition partition = partitions.get(Integer.parseInt(head[0].substring(head[0].lastIndexOf('/') + 1)));
                        long size = Long.parseLong(head[1]);
                        if (size >= partition.size) partition.heads.put(size, Base64.getDecoder().decode(head[2]));
                    }
                }
                for (Partition partition : partitions.values()) {
                    partition.check();
                    partition.save();
                }
            }
        }
    }
}
