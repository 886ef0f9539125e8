import assert from "node:assert/strict";
import test from "node:test";

import { createdId, sync, tandem } from "@tandem/client";
import { json, serving } from "./server.mjs";

const edit = (command_id, base_version) => ({
  command_id,
  operation: "edit_goal",
  path: { goal_id: "g" },
  body: { statement: command_id },
  base_version,
});
const answer = (command_id, more = {}) => ({
  command_id,
  outcome: "applied",
  again: false,
  retry_after: 0,
  version: null,
  written_version: null,
  location: "",
  state: null,
  problem: null,
  ...more,
});

test("what is created is known by its id before it is there", async () => {
  assert.equal(
    await createdId("north", "teacher-0001", "draft_goal", "7d1f0d3c-52a4-4b0e-9c55-0a3f6f7f2a10"),
    "0ceb1a84-fcae-5f99-8ddf-f0b928ebc7d6",
  );
});

test("a queue is sent in its order, and what is left has seen what is hers", async (t) => {
  const { asked, baseUrl } = await serving(
    t,
    json(200, { answers: [answer("a", { written_version: 2 }), answer("b", { again: true })] }),
    json(200, { answers: [answer("b", { outcome: "conflict" })] }),
  );
  const told = [];
  const api = tandem({ baseUrl, token: "ey" });
  const left = await sync(api, "goals", [edit("a", 1), edit("b", 1)], (command, { outcome }, rest) => {
    told.push([command.command_id, outcome, rest.map(({ base_version }) => base_version)]);
  });
  assert.deepEqual(left, []);
  assert.deepEqual(told, [
    ["a", "applied", [2]],
    ["b", "conflict", []],
  ]);
  assert.deepEqual(
    asked.map(({ url }) => url),
    ["/goals/v1/sync", "/goals/v1/sync"],
  );
  const second = JSON.parse(asked[1].body);
  assert.deepEqual(second.commands, [edit("b", 2)]);
});

test("what can not be done now is left, and what is much is sent in parts", async (t) => {
  const { asked, baseUrl } = await serving(t, (request, response) => {
    const { commands } = JSON.parse(asked.at(-1).body);
    return json(200, { answers: commands.map((each) => answer(each.command_id, { again: true })) })(
      request,
      response,
    );
  });
  const many = Array.from({ length: 300 }, (_, index) => edit(`${index}`, 1));
  const left = await sync(tandem({ baseUrl, token: "ey" }), "goals", many, () => assert.fail());
  assert.deepEqual(left, many);
  assert.equal(JSON.parse(asked[0].body).commands.length, 200);
  const large = many.map((each) => ({ ...each, body: { statement: "é".repeat(3_000) } }));
  await sync(tandem({ baseUrl, token: "ey" }), "goals", large, () => assert.fail());
  assert(Buffer.byteLength(asked[1].body) < 256 * 1024);
});
