// What the demo's people do when a button is pressed: the same requests that a frontend sends.

import { call } from "./api.js";
import { nameOf } from "./caseload.js";

const has = (code) => (entry) => entry.flags.some((flag) => flag.code === code);
const activeGoal = (entry) => entry.open_goals.find((each) => each.state === "active");

/** A step from where a goal is toward its target. */
export async function postProgress({ token }, entries) {
  const able = entries.filter(activeGoal);
  const entry = able.find(has("F3")) ?? able[0];
  if (!entry) return "Nobody here has an active goal.";
  const { goal_id, measure_id, unit, current, baseline, target } = activeGoal(entry);
  const from = current ?? baseline ?? 0;
  const value = Math.round((from + (target - from) / 3) * 100) / 100;
  await call(token, "POST", `/goals/v1/goals/${goal_id}/progress`, { value });
  return `${nameOf(entry)}: ${measure_id} is now ${value} ${unit}.`;
}

/** A lesson seen, scored and shared, by the coach. */
export async function shareObservation({ token }, entries) {
  const entry = entries.find(has("F1")) ?? entries[0];
  if (!entry) return "There is nobody here.";
  const at = "/observations/v1";
  const { tools } = await call(token, "GET", `${at}/tools`);
  const { tool_id } = tools.find((each) => each.state === "published");
  const { criteria } = await call(token, "GET", `${at}/tools/${tool_id}`);
  const { observation_id } = await call(token, "POST", `${at}/observations`, {
    teacher_id: entry.teacher_id, tool_id, scheduled_for: new Date().toISOString(),
  });
  const scores = criteria.map(({ criterion_id, levels }) => ({
    criterion_id, score: levels[Math.floor(Math.random() * levels.length)].score,
  }));
  const path = `${at}/observations/${observation_id}`;
  await call(token, "POST", `${path}/scores`, { scores });
  await call(token, "POST", `${path}/complete`);
  await call(token, "POST", `${path}/share`);
  return `An observation is shared with ${nameOf(entry)}.`;
}

/** A teacher asks her class, 12 students answer without an account, she closes the survey. */
export async function classAnswers({ token, person }, district) {
  const at = "/surveys/v1";
  const { instruments } = await call(token, "GET", `${at}/instruments`);
  const { instrument_id } = instruments.find((each) => each.state === "published");
  const { items } = await call(token, "GET", `${at}/instruments/${instrument_id}`);
  const { classes } = await call(token, "GET", `/roster/v1/classes?teacher_id=${person}`);
  const { administration_id } = await call(token, "POST", `${at}/administrations`, {
    instrument_id, teacher_id: person, class_id: classes[0].class_id,
  });
  const { codes } = await call(token, "POST",
    `${at}/administrations/${administration_id}/open`, { seats: 12 });
  const answers = items.map(({ item_id }) => ({ item_id, value: 3 }));
  await Promise.all(codes.map((code) => call("", "POST",
    `${at}/districts/${district}/administrations/${administration_id}/responses`,
    { code, answers })));
  await call(token, "POST", `${at}/administrations/${administration_id}/close`);
  return `${codes.length} students of ${person} have answered, and she has closed the survey.`;
}

/** The whole caseload at work, as `tandem demo simulate` does it. */
export async function work() {
  const { sent, errors, fresh_ms } = await call("", "POST", "/local/work");
  const failed = Object.values(errors).reduce((sum, each) => sum + each, 0);
  return `${sent} requests, ${failed} errors; half of the changes were on the caseload `
    + `within ${Math.round(fresh_ms.p50)} ms.`;
}
