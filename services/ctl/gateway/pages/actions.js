// @ts-check
// What the demo's people do when a button is pressed: the same requests that a frontend sends.

import { amount, nameOf, titleOf } from "./caseload.js";
import { tandem } from "./client/index.js";

/** @typedef {import("./caseload.js").Entry} Entry */
/** @typedef {import("./client/index.js").Tandem} Tandem */

/** @type {(code: string) => (entry: Entry) => boolean} */
const has = (code) => (entry) => entry.flags.some((flag) => flag.code === code);
/** @param {Entry} entry */
const activeGoal = (entry) => entry.open_goals.find((each) => each.state === "active");

/**
 * The first on a list that is published; lists are turned page by page, as far as needed.
 * @template {{ state: string }} Item
 * @param {AsyncIterable<Item>} list
 */
async function published(list) {
  for await (const each of list) if (each.state === "published") return each;
  throw new Error("There is none yet.");
}

/**
 * A step from where a goal is toward its target.
 * @param {Tandem} api
 * @param {Entry[]} entries
 */
export async function postProgress(api, entries) {
  const able = entries.filter(activeGoal);
  const entry = able.find(has("F3")) ?? able[0];
  const goal = entry && activeGoal(entry);
  if (!goal) return "Nobody here has an active goal.";
  const { goal_id, measure_id, unit, current, baseline, target } = goal;
  const from = current ?? baseline ?? 0;
  const value = Math.round((from + (target - from) / 3) * 100) / 100;
  await api.post("/goals/v1/goals/{goal_id}/progress", { path: { goal_id }, body: { value } });
  return `${nameOf(entry)}: ${titleOf(measure_id)}: now ${amount(value, unit)}.`;
}

/**
 * A lesson seen, scored and shared, by the coach.
 * @param {Tandem} api
 * @param {Entry[]} entries
 */
export async function shareObservation(api, entries) {
  const entry = entries.find(has("F1")) ?? entries[0];
  if (!entry) return "There is nobody here.";
  const { tool_id } = await published(api.list("/observations/v1/tools"));
  const { data: tool } = await api.get("/observations/v1/tools/{tool_id}", { path: { tool_id } });
  const body = { teacher_id: entry.teacher_id, tool_id, scheduled_for: new Date().toISOString() };
  const { data: { observation_id } } = await api.post("/observations/v1/observations", { body });
  const scores = tool.criteria.map(({ criterion_id, levels }) => ({
    criterion_id, score: levels[Math.floor(Math.random() * levels.length)].score,
  }));
  const path = { observation_id };
  const at = "/observations/v1/observations/{observation_id}";
  await api.post(`${at}/scores`, { path, body: { scores } });
  await api.post(`${at}/complete`, { path });
  await api.post(`${at}/share`, { path });
  return `An observation is shared with ${nameOf(entry)}.`;
}

/**
 * A teacher asks her class, 12 students answer without an account, she closes the survey.
 * @param {import("./people.js").Person} teacher
 * @param {string} district
 */
export async function classAnswers({ token, person: teacher_id }, district) {
  const [api, students] = [tandem({ token }), tandem()];
  const { instrument_id } = await published(api.list("/surveys/v1/instruments"));
  const { data: { items } } = await api.get("/surveys/v1/instruments/{instrument_id}",
    { path: { instrument_id } });
  const { data: { classes } } = await api.get("/roster/v1/classes", { query: { teacher_id } });
  const { data: { administration_id } } = await api.post("/surveys/v1/administrations",
    { body: { instrument_id, teacher_id, class_id: classes[0].class_id } });
  const path = { administration_id };
  const at = "/surveys/v1/administrations/{administration_id}";
  const { data: { codes } } = await api.post(`${at}/open`, { path, body: { seats: 12 } });
  const answers = items.map(({ item_id }) => ({ item_id, value: 3 }));
  await Promise.all(codes.map((code) => students.post(
    "/surveys/v1/districts/{district_id}/administrations/{administration_id}/responses",
    { path: { district_id: district, administration_id }, body: { code, answers } })));
  await api.post(`${at}/close`, { path });
  return `${codes.length} students of ${teacher_id} have answered, and she has closed the survey.`;
}
