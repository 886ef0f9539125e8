// @ts-check
// A partner's program: it is nobody, and sees what its scopes open.

import { tandem } from "./client/index.js";
import { make } from "./element.js";
import { programToken } from "./login.js";

const CLIENT = "demo-warehouse";
/** What it may ask for here, and whether it does at first. */
const SCOPES = { "goals.read": true, "caseloads.read": true, "relationships.read": true, "observations.read": false };

/** @typedef {{ token: string, scopes: string[] }} Granted */

/**
 * Its scopes to choose from. Answers a function that asks the issuer for a token of those chosen, once
 * for each choice.
 * @param {HTMLElement} fieldset
 * @returns {() => Promise<Granted>}
 */
export function scopesIn(fieldset) {
  /** @type {Promise<Granted> | undefined} */
  let known;
  const boxes = Object.entries(SCOPES).map(([scope, checked]) => {
    const box = make("input", { type: "checkbox", value: scope });
    box.checked = checked;
    box.addEventListener("change", () => { known = undefined; });
    fieldset.append(make("label", {}, box, make("code", {}, scope)));
    return box;
  });
  return () => {
    const chosen = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    if (!chosen.length) throw new Error("A program without a scope gets no token: choose one.");
    known ??= programToken(CLIENT, chosen);
    known.catch(() => { known = undefined; });
    return known;
  };
}

/**
 * @param {Granted} granted
 * @param {string} teacher_id
 */
export async function readGoals({ token }, teacher_id) {
  const query = { teacher_id };
  const { data: { goals } } = await tandem({ token }).get("/goals/v1/goals", { query });
  return `GET /goals/v1/goals?teacher_id=${teacher_id}: 200, ${goals.length} goals, without what people wrote.`;
}

/**
 * @param {Granted} granted
 * @param {string} teacher_id
 */
export async function readObservations({ token }, teacher_id) {
  const query = { teacher_id };
  const { data } = await tandem({ token }).get("/observations/v1/observations", { query });
  return `GET /observations/v1/observations?teacher_id=${teacher_id}: 200, ${data.observations.length} observations, `
    + "those that are shared.";
}
