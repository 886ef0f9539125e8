// Who has been let into Kafka: what has become of every goal, from the first record that is kept.
//
// node consume.mjs GROUP [TOPIC]    with KAFKA_BOOTSTRAP_SERVERS in the environment, and in PROTO
//                                   the folder proto/ of the repository;
//                                   npm install @platformatic/kafka protobufjs
import { Consumer, stringDeserializer } from "@platformatic/kafka";
import protobuf from "protobufjs";

const [group, topic = "coaching.goals.v1"] = process.argv.slice(2);
const types = new protobuf.Root();
types.resolvePath = (_, path) => `${process.env.PROTO}/${path}`;
await types.load("coaching/goals/v1/goal_events.proto", { keepCase: true });

const consumer = new Consumer({
  clientId: "consume.mjs",
  groupId: group,
  bootstrapBrokers: process.env.KAFKA_BOOTSTRAP_SERVERS.split(","),
  deserializers: {
    key: stringDeserializer,
    headerKey: stringDeserializer,
    headerValue: stringDeserializer,
  },
});
const records = await consumer.consume({
  topics: [topic], mode: "committed", fallbackMode: "earliest", autocommit: false,
});
process.once("SIGINT", () => records.close());

const newest = new Map(); // keep it beside what you make of the events
for await (const { key, value, headers, commit } of records) {
  const version = Number(headers.get("ce_sequence"));
  const about = `${key} ${headers.get("ce_subject")}`;
  if (version > (newest.get(about) ?? 0)) { // else a duplicate, or older than what is known
    newest.set(about, version);
    const type = types.lookup(headers.get("ce_type"), [protobuf.Type]);
    if (type) { // else of a newer service
      const { goal } = type.decode(value);
      console.log(`${goal.goal_id} ${version} ${type.name} ${goal.current}`);
    }
  }
  await commit(); // only now: what is done twice is passed over
}
await consumer.close();
