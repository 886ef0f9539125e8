// @ts-check
// What only a local stack has: who one may be, how its services are, what passes, everybody at work.

import { Problem } from "./client/index.js";

/** @typedef {Record<"type" | "service" | "district" | "about" | "at", string> & { version: number }} Passed */

/**
 * The answer of `/local/...`; throws a Problem, as the client does.
 * @param {string} name
 */
export async function local(name, method = "GET") {
  const answer = await fetch(`/local/${name}`, { method });
  const told = await answer.json().catch(() => undefined);
  if (!answer.ok) throw new Problem(answer.status, told);
  return told;
}

/**
 * Calls `heard` for each event that is published from now on, until `signal`.
 * @param {AbortSignal} signal
 * @param {(event: Passed) => void} heard
 */
export function passing(signal, heard) {
  const source = new EventSource("/local/events"); // which needs no token, else it would not do
  source.addEventListener("passed", ({ data }) => heard(JSON.parse(data)));
  signal.addEventListener("abort", () => source.close());
}
