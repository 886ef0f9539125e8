// What must compile, and what must not: `npm run check`.

import { Problem, tandem, type LiveEvent, type Schemas } from "@tandem/client";

const api = tandem({ baseUrl: "https://tandem.example.org", token: async () => "ey" });

export async function goals(): Promise<Schemas["GoalSummary"][]> {
  const found: Schemas["GoalSummary"][] = [];
  for await (const goal of api.list("/goals/v1/goals", { query: { state: "active" } })) {
    found.push(goal);
    // @ts-expect-error: a goal has no such field
    found.push(goal.measure);
  }
  // @ts-expect-error: a state that there is not
  api.list("/goals/v1/goals", { query: { state: "forgotten" } });
  // @ts-expect-error: the client turns the pages
  api.list("/goals/v1/goals", { query: { page_token: "x" } });
  // @ts-expect-error: this is not a list
  api.list("/roster/v1/me");
  return found;
}

export async function changes(goal_id: string): Promise<number | null> {
  const path = { goal_id };
  const seen = await api.get("/goals/v1/goals/{goal_id}", { path });
  const changed = await api.post("/goals/v1/goals/{goal_id}/progress", {
    path,
    body: { value: 42, note: "after the lesson" },
    ifMatch: seen.etag,
    key: "mine",
  });
  await api.post("/goals/v1/goals/{goal_id}/achieve", { path });
  // @ts-expect-error: there is no such path
  await api.get("/goals/v1/goal/{goal_id}", { path });
  // @ts-expect-error: the path takes no PUT
  await api.put("/goals/v1/goals/{goal_id}/achieve", { path });
  // @ts-expect-error: whose progress
  await api.post("/goals/v1/goals/{goal_id}/progress", { body: { value: 42 } });
  // @ts-expect-error: what to record
  await api.post("/goals/v1/goals/{goal_id}/progress", { path });
  // @ts-expect-error: a body is not taken
  await api.post("/goals/v1/goals/{goal_id}/achieve", { path, body: {} });
  // @ts-expect-error: a field that there is not
  await api.post("/goals/v1/goals/{goal_id}/progress", { path, body: { value: 42, nota: "" } });
  // @ts-expect-error: a number, and not its text
  await api.post("/goals/v1/goals/{goal_id}/progress", { path, body: { value: "42" } });
  // @ts-expect-error: a goal is revised by what was seen of it, so `ifMatch` is needed
  await api.post("/goals/v1/goals/{goal_id}/revise", { path, body: { reason: "too easy", target: 70 } });
  // @ts-expect-error: what is read has no key
  await api.get("/goals/v1/goals/{goal_id}", { path, key: "mine" });
  // @ts-expect-error: such a field is not answered
  return changed.data.currant ?? changed.data.current;
}

export async function whole(signal: AbortSignal): Promise<string> {
  const { data: me } = await api.get("/roster/v1/me");
  const { data: caseload } = await api.get("/insights/v1/caseload");
  const zip = new Blob([new Uint8Array(2)], { type: "application/zip" });
  await api.post("/roster/v1/imports", { query: { validate_only: true }, body: zip });
  // @ts-expect-error: a roster is a file
  await api.post("/roster/v1/imports", { body: { value: 1 } });
  for await (const event of api.watchCaseload({ signal, schoolYear: 2027 })) told(event);
  return `${me.given_name}: ${caseload.entries.length}`;
}

export function told(live: LiveEvent): string {
  switch (live.event) {
    case "reset":
      return `${live.data.entries} entries`;
    case "entry":
      return live.data.entry.given_name;
    case "gone":
      return live.data.teacher_id;
    case "order":
      // @ts-expect-error: there may be none
      return live.data.teacher_ids[0];
    case "heartbeat":
      // @ts-expect-error: of another event
      return live.data.teacher_id;
    case "bye":
      return live.data.reason;
  }
}

export function field(error: unknown): string | undefined {
  return error instanceof Problem ? error.at("/value")[0]?.detail : undefined;
}
