import assert from "node:assert/strict";
import test from "node:test";

import { placed, tandem } from "@tandem/client";
import { problem, serving } from "./server.mjs";

const entry = (id, after = null) => ({ entry: { teacher_id: id }, after_teacher_id: after });
const CASELOAD = [
  ["reset", "a", { entries: 2 }],
  ["entry", "a", entry("t2")],
  ["entry", "a", entry("t1", "t2")],
  ["order", "b", { teacher_ids: ["t2", "t1"] }],
];

/** Streams that are told what to send, to whoever reads. */
async function streaming(t) {
  const streams = [];
  const heard = await serving(t, (request, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    const send = (event, id, data) =>
      response.write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
    if (!request.headers["last-event-id"]) for (const each of CASELOAD) send(...each);
    else response.flushHeaders();
    streams.push(Object.assign(send, { closed: new Promise((done) => response.on("close", done)) }));
  });
  return { ...heard, streams };
}

const nameOf = (baseUrl) =>
  `@tandem/client ${JSON.stringify([1, "north", "c1", `${baseUrl}/insights/v1/caseloads/me/live`])}`;

/** A tab, which keeps what it hears. */
function tab(baseUrl, more = {}) {
  const leaving = new AbortController();
  const heard = [];
  let wake = () => undefined;
  const { district = "north", ...asked } = more;
  const client = tandem({ baseUrl, district });
  const watched = client.watchCaseload({ sharedAs: "c1", signal: leaving.signal, ...asked });
  const over = (async () => {
    for await (const { event, id, data } of watched) {
      heard.push([event, id, data]);
      wake();
    }
  })();
  over.catch(() => undefined);
  return {
    heard,
    over,
    close: () => (leaving.abort(), over),
    until: async (count) => {
      while (heard.length < count) await new Promise((resolve) => (wake = resolve));
      return heard.slice(0, count);
    },
  };
}

test("tabs share one connection, also one that comes later", async (t) => {
  const { asked, baseUrl, streams } = await streaming(t);
  const first = tab(baseUrl);
  assert.deepEqual(await first.until(4), CASELOAD);
  const late = tab(baseUrl);
  assert.deepEqual(await late.until(4), CASELOAD);
  streams[0]("gone", "c", { teacher_id: "t2" });
  for (const each of [first, late]) assert.equal((await each.until(5))[4][0], "gone");
  const last = tab(baseUrl);
  assert.deepEqual(await last.until(3), [
    ["reset", "a", { entries: 1 }],
    ["entry", "a", entry("t1")],
    ["order", "b", { teacher_ids: ["t1"] }],
  ]);
  assert.equal(asked.length, 1);
  await Promise.all([first, late, last].map((each) => each.close()));
});

test("a tab that comes between an entry and its order is told where she stands", async (t) => {
  const { baseUrl, streams } = await streaming(t);
  const first = tab(baseUrl);
  await first.until(4);
  streams[0]("entry", "c", entry("t3", "t2"));
  streams[0]("entry", "c", entry("t1"));
  await first.until(6);
  const late = tab(baseUrl);
  assert.deepEqual(await late.until(5), [
    ["reset", "a", { entries: 3 }],
    ["entry", "c", entry("t1")],
    ["entry", "a", entry("t2", "t1")],
    ["entry", "c", entry("t3", "t2")],
    ["order", "b", { teacher_ids: ["t1", "t2", "t3"] }],
  ]);
  await Promise.all([first.close(), late.close()]);
});

test("an entry stands behind whom it says, and stays where that one is not known", () => {
  const order = ["t1", "t2", "t3"];
  assert.deepEqual(placed(order, entry("t3")), ["t3", "t1", "t2"]);
  assert.deepEqual(placed(order, entry("t1", "t2")), ["t2", "t1", "t3"]);
  assert.deepEqual(placed(order, entry("t2", "t1")), order);
  assert.deepEqual(placed(order, entry("t4", "t1")), ["t1", "t4", "t2", "t3"]);
  assert.deepEqual(placed([], entry("t1")), ["t1"]);
  // of a server that does not say it yet, too
  for (const after of ["t9", undefined]) {
    const data = { ...entry("t2"), after_teacher_id: after };
    assert.deepEqual(placed(order, data), order);
    assert.deepEqual(placed(["t1"], data), ["t1", "t2"]);
  }
});

test("when the tab that reads is closed another goes on where that was", async (t) => {
  const { asked, baseUrl, streams } = await streaming(t);
  const tabs = [tab(baseUrl), tab(baseUrl), tab(baseUrl)];
  for (const each of tabs) await each.until(4);
  await tabs[0].close();
  await streams[0].closed;
  const [, second, third] = tabs;
  await second.until(4);
  while (streams.length < 2) await new Promise((resolve) => setImmediate(resolve));
  streams[1]("entry", "c", entry("t1"));
  for (const each of [second, third]) assert.deepEqual((await each.until(5))[4], ["entry", "c", entry("t1")]);
  assert.deepEqual(asked.map(({ headers }) => headers["last-event-id"]), [undefined, "b"]);
  await Promise.all([second.close(), third.close()]);
  await streams[1].closed;
});

test("who has missed something asks for the whole again", async (t) => {
  const { baseUrl, streams } = await streaming(t);
  const [first, second] = [tab(baseUrl), tab(baseUrl)];
  for (const each of [first, second]) await each.until(4);
  const channel = new BroadcastChannel(nameOf(baseUrl));
  t.after(() => channel.close());
  channel.postMessage({ from: "somebody", at: 7, live: { event: "gone", id: "x", data: {} } });
  const [reset] = (await second.until(5)).slice(4);
  assert.deepEqual(reset, ["reset", "a", { entries: 2 }]);
  assert.deepEqual((await second.until(8)).slice(4), CASELOAD);
  streams[0]("heartbeat", "c", {});
  assert.equal((await second.until(9))[8][1], "c");
  await Promise.all([first.close(), second.close()]);
});

test("people of two districts who have the same id share nothing, nor do clients that name none", async (t) => {
  const { asked, baseUrl } = await streaming(t);
  const others = ["north", "south", "", ""];
  const tabs = others.map((district) => tab(baseUrl, { district }));
  for (const each of tabs) assert.deepEqual(await each.until(4), CASELOAD);
  assert.deepEqual(asked.map(({ headers }) => headers["tandem-district"] ?? "").sort(), ["", "", "north", "south"]);
  await Promise.all(tabs.map((each) => each.close()));
});

test("a tab whose reading has ended tells nobody what it knew", async (t) => {
  const less = [
    ["reset", "a", { entries: 1 }],
    ["entry", "a", entry("t1")],
    ["order", "b", { teacher_ids: ["t1"] }],
  ];
  const streams = [];
  const { baseUrl } = await serving(t, (request, response) => {
    if (streams.push(response) === 2) return problem(404, "not_found")(request, response);
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for (const [event, id, data] of streams.length === 1 ? CASELOAD : less)
      response.write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  });
  const ended = tandem({ baseUrl, district: "north" }).watchCaseload({ sharedAs: "c1" });
  await ended.next(); // and no more: it stays as it is when its reading ends
  streams[0].end();
  await navigator.locks.request(nameOf(baseUrl), () => undefined);
  const reads = tab(baseUrl);
  await reads.until(3);
  const third = tab(baseUrl);
  assert.deepEqual(await third.until(3), less);
  streams[2].write("event: heartbeat\nid: c\ndata: {}\n\n");
  assert.deepEqual((await third.until(4))[3], ["heartbeat", "c", {}]);
  await Promise.all([ended.return(), reads.close(), third.close()]);
});

test("other people and other caseloads have connections of their own", async (t) => {
  const { asked, baseUrl } = await streaming(t);
  const others = [{}, { sharedAs: "c2" }, { coachId: "c3" }, { schoolYear: 2027 }, { sharedAs: "" }];
  const tabs = others.map((each) => tab(baseUrl, each));
  for (const each of tabs) await each.until(4);
  assert.equal(asked.length, others.length);
  await Promise.all(tabs.map((each) => each.close()));
});

test("a refusal that will not pass is each tab's own", async (t) => {
  const { asked, baseUrl } = await serving(t, problem(404, "not_found"));
  const tabs = [tab(baseUrl), tab(baseUrl)];
  for (const each of tabs) await assert.rejects(each.over, { code: "not_found" });
  assert.equal(asked.length, 2);
});
