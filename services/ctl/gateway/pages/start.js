// @ts-check
// The page of a local stack: who one is, the caseload as it changes, the events as they pass.

import { Problem, tandem } from "./client/index.js";
import { make } from "./element.js";
import { local, passing } from "./local.js";
import { nameOf, readMeasures, row, watchCaseload } from "./caseload.js";
import { classAnswers, postProgress, shareObservation } from "./actions.js";
import { signedIn, signIn, tokenOf } from "./login.js";
import { readGoals, readObservations, scopesIn } from "./partner.js";
import { chooser } from "./people.js";

/** @typedef {import("./caseload.js").Entry} Entry */
/** @typedef {import("./people.js").Person} Person */

/**
 * An element of the page, which has it.
 * @param {string} id
 * @returns {HTMLElement}
 */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const said = byId("said");
const list = byId("caseload");
const passed = byId("events");
const pause = /** @type {HTMLInputElement} */ (byId("pause"));
const MOST_EVENTS = 40;

/** @type {{ people: Person[], district: string }} */
const { people, district } = await local("people");
const session = await signedIn();
const who = people.find(({ role }) => role === session?.hint);
if (people.length && !who) await signIn(people[0].role);
/** @type {Map<string, Entry>} */
const entries = new Map(); // the entries on the screen, by teacher
const shown = new Map(); // when which events of a teacher had reached the screen
/** @type {Person & { api: import("./client/index.js").Tandem }} */
let me;
let watching = new AbortController();

const teacher = () => /** @type {Person} */ (people.find(({ role }) => role === "teacher"));
/** @param {Element} row */
const teacherOf = (row) => row.getAttribute("data-teacher") ?? "";

/** @type {(output: HTMLElement) => (text: string) => void} */
const tellIn = (output) => (text) => { output.textContent = text; };
const say = tellIn(said);

/* Services */

async function lookAtServices() {
  /** @type {{ services: { name: string, ready: boolean, why: string, behind: ?number }[] }} */
  const { services } = await local("services");
  byId("services").replaceChildren(...services.map(({ name, ready, why, behind }) => {
    const docs = make("a", { href: `/${name}/docs` }, name);
    const fresh = behind === null ? "" : behind ? `, ${behind} records behind` : ", up to date";
    const state = ready ? `ready${fresh}` : `not ready: ${why}`;
    return make("li", { class: ready ? "ready" : "down" }, docs, ` ${state}`);
  }));
}

/* The events as they pass */

/** @type {WeakMap<Element, { about: string, at: number }>} */
const told = new WeakMap(); // of an event in the list: who it is about, and when it was

/**
 * @param {Element} item
 * @param {number} ms
 */
function reached(item, ms) {
  screenOf(item).textContent = `on the screen after ${ms} ms`;
}

/** @param {import("./local.js").Passed} event */
function pass({ type, service, district: of, about, version, at }) {
  const entry = of === district && entries.get(about);
  const item = make("li", {},
    make("b", {}, type.replace(/([a-z])([A-Z])/g, "$1 $2")),
    make("span", {}, entry ? nameOf(entry) : about),
    make("span", {}, `${service}, version ${version}`),
    make("span", { class: "screen" }));
  const its = { about: entry ? about : "", at: Date.parse(at) };
  told.set(item, its);
  passed.prepend(item);
  while (passed.children.length > MOST_EVENTS) passed.lastElementChild?.remove();
  const last = shown.get(its.about);
  if (last && last.newest >= its.at) reached(item, last.at - its.at);
  if (me.role === "teacher" && its.about === me.person) readCard(its.at).catch(refused);
}

/** @param {Element} item */
const screenOf = (item) => /** @type {HTMLElement} */ (item.querySelector(".screen"));

/**
 * An entry is on the screen: so are all events that are in it.
 * @param {Entry} entry
 */
function heard(entry) {
  entries.set(entry.teacher_id, entry);
  const last = { newest: Date.parse(entry.newest_event_at ?? ""), at: Date.now() };
  shown.set(entry.teacher_id, last);
  for (const item of passed.children) {
    const its = told.get(item);
    if (its?.about === entry.teacher_id && its.at <= last.newest && !screenOf(item).textContent) {
      reached(item, last.at - its.at);
    }
  }
}

/* The caseload, or what somebody else may see */

/** Reads the card until what happened at `at` is in it: nobody tells a teacher when it is. */
async function readCard(at = 0) {
  const path = { teacher_id: teacher().person };
  for (let tries = 0, newest = -1; newest < at && tries < 10; tries++) {
    if (tries) await new Promise((resolve) => setTimeout(resolve, 100 * tries));
    const { entry, as_of, stale } = (await me.api.get("/insights/v1/cards/{teacher_id}", { path })).data;
    tellAge(as_of, stale);
    newest = Date.parse(entry.newest_event_at ?? "");
    list.replaceChildren(row(entry));
    heard(entry);
  }
}

/** @param {unknown} error */
function refused(error) {
  if (!(error instanceof Problem)) throw error;
  list.replaceChildren(make("li", { class: "teacher" },
    make("h3", {}, `${error.status} ${error.code}`), make("p", {}, error.message),
    make("p", {}, me.role === "admin" ? "An administrator arranges, and sees no content." : "")));
}

/**
 * @param {string} at
 * @param {boolean} stale
 */
function tellAge(at, stale) {
  const time = new Date(at).toLocaleTimeString();
  byId("as-of").textContent = stale ? `behind: nothing later than ${time} is in it yet` : `as of ${time}`;
  byId("as-of").className = stale ? "down" : "";
}

function watch() {
  watching.abort();
  watching = new AbortController();
  if (document.hidden || pause.checked) return; // a browser has few connections
  const { signal } = watching;
  passing(signal, pass);
  const seen = me.role === "coach"
    ? watchCaseload(list, me.api, signal, heard, (entry, from, to) => {
      const calm = byId("work").ariaDisabled !== "true"; // else there were too many to be said
      if (calm && from) say(`${nameOf(entry)} moves from place ${from} to ${to}.`);
    }, tellAge)
    : readCard();
  seen.catch(refused);
}

/** @param {Person} person */
async function become(person) {
  if (!session || person !== who) return signIn(person.role);
  me = { ...person, token: session.token, api: tandem({ token: tokenOf(session) }) };
  entries.clear();
  for (const each of [list, passed]) each.replaceChildren();
  byId("who").textContent = me.person;
  byId("as-of").textContent = "";
  byId("progress").hidden = me.role === "admin"; // who arranges
  byId("observation").hidden = me.role !== "coach";
  byId("caseload-title").textContent = me.role === "coach" ? "Caseload" : "The teacher's card";
  try {
    await readMeasures(me.api);
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // then there are their codes
  }
  watch();
}

/* Buttons */

/**
 * @param {string} id
 * @param {() => Promise<string>} act
 */
function button(id, act, tell = say) {
  const pressed = byId(id);
  pressed.addEventListener("click", async () => {
    if (pressed.ariaDisabled === "true") return;
    pressed.setAttribute("aria-disabled", "true");
    tell("…");
    try {
      tell(await act());
    } catch (error) {
      tell(error instanceof Problem ? `${error.status} ${error.code}: ${error.message}` : `${error}`);
    }
    pressed.removeAttribute("aria-disabled");
  });
}

const onScreen = () => [...list.children].flatMap((each) => entries.get(teacherOf(each)) ?? []);
button("progress", () => postProgress(me.api, onScreen()));
button("observation", () => shareObservation(me.api, onScreen()));
button("class", () => classAnswers(teacher(), district));
button("work", async () => {
  const { sent, errors, fresh_ms } = await local("work", "POST");
  const failed = Object.values(errors).reduce((sum, each) => sum + each, 0);
  return `${sent} requests, ${failed} errors; half of the changes were on the caseload `
    + `within ${Math.round(fresh_ms.p50)} ms.`;
});
button("copy", async () => {
  await navigator.clipboard.writeText(me.token);
  return `The token of ${me.person} is copied.`;
});

const granted = scopesIn(byId("scopes"));
const ofProgram = tellIn(byId("partner-said"));
button("partner-goals", async () => readGoals(await granted(), teacher().person), ofProgram);
button("partner-observations", async () => readObservations(await granted(), teacher().person), ofProgram);
button("copy-partner", async () => {
  const { token, scopes } = await granted();
  await navigator.clipboard.writeText(token);
  return `The token is copied: ${scopes.join(", ")}.`;
}, ofProgram);

pause.addEventListener("change", watch);
document.addEventListener("visibilitychange", watch);
byId("demo").hidden = people.length === 0;
byId("no-demo").hidden = people.length > 0;
chooser(byId("people"), people, become, who);
lookAtServices();
setInterval(lookAtServices, 5000);
