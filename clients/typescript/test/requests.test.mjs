import assert from "node:assert/strict";
import test from "node:test";

import { Problem, tandem } from "@tandem/client";
import { json, problem, serving } from "./server.mjs";

const GOAL = "/goals/v1/goals/{goal_id}";
const path = { goal_id: "g/1" };
const NOW = { "Retry-After": "0" };

test("a change says who, what, which version, and a key that its repetitions keep", async (t) => {
  const again = problem(503, "unavailable");
  const done = json(200, { current: 1 }, { ETag: '"8"', "Idempotency-Replayed": "true" });
  const cut = (request) => request.socket.destroy();
  const { asked, baseUrl } = await serving(t, again, cut, done);
  const api = tandem({ baseUrl: `${baseUrl}/`, token: "ey", district: "north" });
  const answer = await api.post(`${GOAL}/progress`, { path, body: { value: 1 }, ifMatch: '"7"' });
  assert.deepEqual([answer.data, answer.etag, answer.replayed], [{ current: 1 }, '"8"', true]);
  assert.equal(asked.length, 3);
  assert.match(asked[0].headers["idempotency-key"], /^[0-9a-f]{32}$/);
  for (const { method, url, headers, body } of asked) {
    assert.deepEqual([method, url, body], ["POST", "/goals/v1/goals/g%2F1/progress", '{"value":1}']);
    assert.equal(headers["authorization"], "Bearer ey");
    assert.equal(headers["tandem-district"], "north");
    assert.equal(headers["if-match"], '"7"');
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers["idempotency-key"], asked[0].headers["idempotency-key"]);
  }
  await api.post(`${GOAL}/achieve`, { path });
  assert.notEqual(asked[3].headers["idempotency-key"], asked[0].headers["idempotency-key"]);
  await api.post(`${GOAL}/achieve`, { path, key: "mine" });
  assert.equal(asked[4].headers["idempotency-key"], "mine");
  await api.get(GOAL, { path });
  assert.equal(asked[5].headers["idempotency-key"], undefined);
});

test("a version that was not seen is not taken for none", async (t) => {
  const { asked, baseUrl } = await serving(t, json(200, {}));
  const api = tandem({ baseUrl });
  const { etag } = await api.get(GOAL, { path });
  await assert.rejects(api.post(`${GOAL}/achieve`, { path, ifMatch: etag }), /ETag/);
  assert.equal(asked.length, 1);
});

test("a refusal is thrown, with what is wrong with each field", async (t) => {
  const errors = [
    { pointer: "/scores/0/score", code: "missing", detail: "Field required" },
    { pointer: "/scoresheet", code: "unknown_field", detail: "" },
  ];
  const refused = problem(422, "invalid_request", { detail: "No.", trace_id: "t", errors });
  const { asked, baseUrl } = await serving(t, refused, (_, response) => {
    response.writeHead(413);
    response.end("<html>");
  });
  const api = tandem({ baseUrl });
  const problemOf = (promise) => promise.then(() => assert.fail("answered"), (error) => error);
  const told = await problemOf(api.get("/roster/v1/me"));
  assert(told instanceof Problem && told instanceof Error);
  assert.deepEqual([told.status, told.code, told.message], [422, "invalid_request", "No."]);
  assert.deepEqual([told.traceId, told.at("/scores"), told.at("/notes")], ["t", [errors[0]], []]);
  const other = await problemOf(api.get("/roster/v1/me"));
  assert.deepEqual([other.status, other.code, other.message], [413, "no_problem", "HTTP 413"]);
  assert.equal(asked.length, 2);
});

test("what is refused for now is sent again until its bound", async (t) => {
  const { asked, baseUrl } = await serving(t, problem(429, "too_many_requests", {}));
  const impatient = tandem({ baseUrl, patience: 0 });
  await assert.rejects(impatient.get("/roster/v1/me"), { code: "too_many_requests" });
  assert.equal(asked.length, 1);
  const later = await serving(t, json(503, {}, { "Retry-After": "3600" }));
  await assert.rejects(tandem({ baseUrl: later.baseUrl }).get("/roster/v1/me"), { status: 503 });
  assert.equal(later.asked.length, 1); // an hour is longer than anybody waits
  const there = await serving(t, json(503, {}, NOW), json(502, {}), json(200, { given_name: "Ada" }));
  const { data } = await tandem({ baseUrl: there.baseUrl }).get("/roster/v1/me");
  assert.deepEqual([data.given_name, there.asked.length], ["Ada", 3]);
});

test("waiting ends with the signal", async (t) => {
  const leaving = new AbortController();
  const { asked, baseUrl } = await serving(t, (request, response) => {
    problem(503, "unavailable")(request, response);
    setImmediate(() => leaving.abort());
  });
  const api = tandem({ baseUrl, patience: 1_000_000 });
  const asking = api.get("/roster/v1/me", { signal: leaving.signal });
  await assert.rejects(asking, { name: "AbortError" });
  assert.equal(asked.length, 1);
});

test("a token is asked for each time, and once more when it is refused", async (t) => {
  const refused = problem(401, "unauthenticated");
  const { asked, baseUrl } = await serving(t, json(200, {}), refused, json(200, {}), refused);
  const told = [];
  let number = 0;
  const token = async (old) => (told.push(old), `t${++number}`);
  const api = tandem({ baseUrl, token });
  await api.get("/roster/v1/me");
  await api.post(`${GOAL}/progress`, { path, body: { value: 1 } });
  assert.deepEqual(told, [undefined, undefined, "t2"]);
  const sent = asked.map(({ headers, body }) => [headers["authorization"], body]);
  assert.deepEqual(sent, [["Bearer t1", ""], ["Bearer t2", '{"value":1}'], ["Bearer t3", '{"value":1}']]);
  await assert.rejects(api.get("/roster/v1/me"), { status: 401 });
  assert.equal(asked.length, 5);
  await assert.rejects(tandem({ baseUrl, token: "old" }).get("/roster/v1/me"), { status: 401 });
  assert.equal(asked.length, 6);
});

test("a list is read to its end, and no further than is asked for", async (t) => {
  const page = (goals, next_page_token) => json(200, { next_page_token, left_out: 0, goals });
  const pages = [page([{ n: 1 }, { n: 2 }], "p 2"), page([], "p3"), page([{ n: 3 }], "")];
  const { asked, baseUrl } = await serving(t, ...pages);
  const api = tandem({ baseUrl });
  const query = { state: "active", page_size: 2 };
  const found = [];
  for await (const { n } of api.list("/goals/v1/goals", { query })) found.push(n);
  assert.deepEqual(found, [1, 2, 3]);
  const tokens = asked.map(({ url }) => new URLSearchParams(url.split("?")[1]).get("page_token"));
  assert.deepEqual(tokens, [null, "p 2", "p3"]);
  assert(asked.every(({ url }) => url.includes("state=active&page_size=2")));
  const first = await serving(t, ...pages);
  for await (const _ of tandem({ baseUrl: first.baseUrl }).list("/goals/v1/goals")) break;
  assert.equal(first.asked.length, 1);
});

test("a file is sent as it is", async (t) => {
  const { asked, baseUrl } = await serving(t, json(200, {}));
  const body = new Blob(["PK"], { type: "application/zip" });
  await tandem({ baseUrl }).post("/roster/v1/imports", { body, query: { validate_only: true } });
  assert.deepEqual([asked[0].body, asked[0].headers["content-type"]], ["PK", "application/zip"]);
});
