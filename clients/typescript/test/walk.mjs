// Walks through the APIs with the programs of docs/frontends.md. Prints what it sees, a line of JSON
// each, and takes words: `cut` a stream, connect `again`, `leave`.
import { createInterface } from "node:readline";

import { Problem, tandem } from "@tandem/client";
import { follow } from "../frontends/caseload.js";
import { activeGoals, record } from "../frontends/goals.js";
import { connect } from "../frontends/session.js";

const [baseUrl, teacher, coach, teacherId, goal_id] = process.argv.slice(2);
const PROGRESS = "/goals/v1/goals/{goal_id}/progress";
const path = { goal_id };
const say = (what, told) => console.log(JSON.stringify({ [what]: told }));

const tokens = ["not-a-token", teacher];
const api = connect(baseUrl, "north", async () => tokens.shift());
say("goals", (await activeGoals(api, teacherId)).map((each) => each.goal_id));
say("tokens left", tokens.length);
say("recorded", await record(api, goal_id, 1));
say("refused", await record(api, goal_id, 2e9));
const change = { path, body: { value: 2 }, key: crypto.randomUUID() };
const [once, again] = [await api.post(PROGRESS, change), await api.post(PROGRESS, change)];
say("repeated", [once.replayed, again.replayed, once.etag === again.etag]);
await api.post(PROGRESS, { path, body: { value: 9 }, ifMatch: '"1"' }).catch((error) => {
  say("stale", [error instanceof Problem, error.status, error.code]);
});

const leaving = new AbortController();
let cut;
let goOn;
const mayConnect = new Promise((resolve) => (goOn = resolve));
const lines = createInterface({ input: process.stdin });
const words = { cut: () => cut(), again: () => goOn(), leave: () => leaving.abort() };
lines.on("line", (word) => words[word]());

/** As `fetch`, but what it answers can be cut. */
async function fragile(request) {
  const resumed = request.headers.has("Last-Event-ID");
  if (resumed) await mayConnect;
  const answer = await fetch(request);
  say("connected", resumed);
  const start = (stream) => (cut = () => stream.error(new TypeError("cut")));
  return new Response(answer.body.pipeThrough(new TransformStream({ start })), answer);
}

const watching = tandem({ baseUrl, token: coach, fetch: fragile });
async function* told(watched) {
  for await (const live of watching.watchCaseload(watched)) {
    say("event", live.event);
    yield live;
  }
}
const current = ({ open_goals }) => open_goals.find((each) => each.goal_id === goal_id)?.current;
const show = (entries) => say("shown", entries.map((each) => [each.teacher_id, current(each) ?? null]));
await follow({ ...watching, watchCaseload: told }, "coach", show, leaving.signal);
say("left", true);
lines.close();
