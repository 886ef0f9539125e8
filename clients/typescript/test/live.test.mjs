import assert from "node:assert/strict";
import test from "node:test";

import { tandem } from "@tandem/client";
import { json, problem, serving, stream } from "./server.mjs";

const sent = (event, id, data = {}) => `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
const LATER = { "Retry-After": "0" };

/** The first events, as `event id`. */
async function first(count, watching) {
  const found = [];
  for await (const { event, id, data } of watching) {
    found.push([event, id, data]);
    if (found.length === count) break;
  }
  return found;
}

test("after a cut, a goodbye and a refusal for now it goes on where it was", async (t) => {
  const { asked, baseUrl } = await serving(
    t,
    stream(["retry: 2000\n\n", sent("reset", "a", { entries: 1 }), "event: entry\nid: x\nda"]),
    json(503, {}, LATER),
    stream([sent("order", "b", { teacher_ids: [] }), sent("bye", "c", { reason: "resume" })]),
    (request) => request.socket.destroy(),
    stream([sent("entry", "d", { entry: 1 })], { cut: false }),
  );
  const [pauses, whys] = [[], []];
  const onPause = (ms, why) => (pauses.push(ms), whys.push(why?.status ?? typeof why));
  const api = tandem({ baseUrl, token: () => "ey" });
  const found = await first(4, api.watchCaseload({ coachId: "c/1", schoolYear: 2027, onPause }));
  assert.deepEqual(found, [
    ["reset", "a", { entries: 1 }],
    ["order", "b", { teacher_ids: [] }],
    ["bye", "c", { reason: "resume" }],
    ["entry", "d", { entry: 1 }],
  ]);
  assert.deepEqual(asked.map(({ headers }) => headers["last-event-id"]), [undefined, "a", "a", "c", "c"]);
  assert(asked.every(({ url }) => url === "/insights/v1/caseloads/c%2F1/live?school_year=2027"));
  assert(asked.every(({ headers }) => headers["authorization"] === "Bearer ey"));
  assert.deepEqual(whys, ["object", 503, "object", "object"]);
  assert(pauses[2] > 2 * pauses[0], pauses); // its connections end at once
});

test("events come whole, in whatever pieces and with whatever ends of lines they arrive", async (t) => {
  const text = ": hello\r\nevent: reset\r\nid: ä\r\ndata: {\r\ndata:\"entries\": 2}\r\n\r\n" +
    "event: heartbeat\rid: b\rdata: {}\r\rid: c\n\nevent: news\nid: d\ndata: ?\n\nevent: bye\ndata: {}\n\n";
  const pieces = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
  for (const parts of [pieces, [text]]) {
    const { baseUrl } = await serving(t, stream(parts, { cut: false }));
    const found = await first(3, tandem({ baseUrl }).watchCaseload());
    // one of a kind that is not known yet is left out, but for its place
    assert.deepEqual(found, [["reset", "ä", { entries: 2 }], ["heartbeat", "b", {}], ["bye", "d", {}]]);
  }
});

test("it ends on a refusal that will not pass", async (t) => {
  const opened = stream([sent("reset", "a")]);
  const { asked, baseUrl } = await serving(t, opened, problem(404, "not_found"));
  await assert.rejects(first(9, tandem({ baseUrl }).watchCaseload()), { code: "not_found" });
  assert.equal(asked.length, 2);
  const token = () => {
    throw new Error("signed out");
  };
  await assert.rejects(first(9, tandem({ baseUrl, token }).watchCaseload()), /signed out/);
  assert.equal(asked.length, 2);
});

test("a place that is no longer known is given up, and all comes again", async (t) => {
  const opened = stream([sent("reset", "a")]);
  const { asked, baseUrl } = await serving(t, opened, problem(422, "resume_token"), opened);
  assert.equal((await first(2, tandem({ baseUrl }).watchCaseload())).length, 2);
  assert.deepEqual(asked.map(({ headers }) => headers["last-event-id"]), [undefined, "a", undefined]);
});

test("a signal ends it without an error, while it reads and while it waits", async (t) => {
  const leaving = new AbortController();
  const open = await serving(t, stream([sent("reset", "a")], { cut: false }));
  const found = [];
  for await (const { event } of tandem(open).watchCaseload({ signal: leaving.signal })) {
    found.push(event);
    setImmediate(() => leaving.abort());
  }
  assert.deepEqual(found, ["reset"]);
  const waiting = new AbortController();
  const down = await serving(t, json(503, {}, { "Retry-After": "3600" }));
  const onPause = () => setImmediate(() => waiting.abort());
  assert.deepEqual(await first(1, tandem(down).watchCaseload({ signal: waiting.signal, onPause })), []);
  const { signal } = waiting;
  assert.deepEqual(await first(1, tandem(down).watchCaseload({ signal })), []);
  assert.equal(down.asked.length, 1);
});

test("a connection on which nothing comes for a minute is given up", async (t) => {
  const silent = stream([sent("reset", "a")], { cut: false });
  const { asked, baseUrl } = await serving(t, silent, stream([sent("heartbeat", "b")]));
  // whoever fetches does not hear of the signal: it is known only by what is read
  const deaf = ({ url, headers }) => fetch(url, { headers });
  const watching = tandem({ baseUrl, fetch: deaf }).watchCaseload();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  assert.equal((await watching.next()).value.event, "reset");
  const next = watching.next();
  t.mock.timers.tick(60_000);
  t.mock.timers.reset(); // and the pause before the next one is a real one
  assert.equal((await next).value.id, "b");
  assert.equal(asked[1].headers["last-event-id"], "a");
  await watching.return();
});
