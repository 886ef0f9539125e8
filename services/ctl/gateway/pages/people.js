// @ts-check
// Whom one may be on a local stack.

import { make } from "./element.js";

/** @typedef {{ role: "coach" | "teacher" | "admin", person: string, token: string }} Person */

const ROLES = { coach: "Coach", teacher: "Teacher", admin: "Administrator" };

/**
 * One choice for each of `people`; `chosen` is told who, at first `first`.
 * @param {HTMLElement} fieldset
 * @param {Person[]} people
 * @param {(person: Person) => void} chosen
 */
export function chooser(fieldset, people, chosen, first = people[0]) {
  for (const person of people) {
    const choice = make("input", { type: "radio", name: "me", value: person.role });
    choice.addEventListener("change", () => chosen(person));
    choice.checked = person === first;
    fieldset.append(make("label", {}, choice, ROLES[person.role]));
  }
  if (first) chosen(first);
}
