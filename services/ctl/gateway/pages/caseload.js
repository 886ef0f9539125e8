// @ts-check
// A caseload on the screen: its entries by teacher, in the order of the API.

import { placed } from "./client/index.js";
import { make } from "./element.js";

/** @typedef {import("./client/index.js").Schemas["Entry"]} Entry */
/** @typedef {Map<string, HTMLElement>} Rows */

/** @type {Map<string, string>} */
const titles = new Map(); // of the measures that the district's catalogue has, by their codes

/** @type {Record<string, string>} */
const FLAGS = {
  F1: "not observed for 15 school days",
  F2: "waits for feedback",
  F3: "goal does not move",
  F4: "goal is overdue",
  F5: "goal has no baseline",
  F8: "goal achieved: celebrate",
  F9: "step agreed on, not tried",
  F12: "met less than planned",
  F21: "met more than planned",
};
const DAY = 24 * 60 * 60 * 1000;
const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", timeZone: "UTC" });
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {Entry} entry */
export const nameOf = (entry) => `${entry.given_name} ${entry.family_name}`;

/**
 * Reads what the district calls its measures.
 * @param {import("./client/index.js").Tandem} api
 */
export async function readMeasures(api) {
  for await (const { measure_id, title } of api.list("/goals/v1/measures")) {
    titles.set(measure_id, title);
  }
}

/**
 * What a measure is called: its code, where the catalogue lacks it.
 * @param {string} measure_id
 */
export const titleOf = (measure_id) => titles.get(measure_id) ?? measure_id.replaceAll("-", " ");

/**
 * As people say it: what is counted has no unit.
 * @param {number} value
 * @param {string} unit
 */
export function amount(value, unit) {
  const said = short.format(value);
  if (unit === "count") return said;
  return unit === "percent" ? `${said} %` : `${said} ${unit}`;
}

/**
 * A day of the district, wherever it is read.
 * @param {string} date
 */
const dayOf = (date) => day.format(new Date(`${date}T00:00:00Z`));

/**
 * @param {Entry["open_goals"][number]} shown
 * @param {boolean} overdue
 */
function goal({ measure_id, state, progress_share, current, baseline, target, unit, due_date }, overdue) {
  const name = titleOf(measure_id);
  const item = make("li", {}, `${name}: `);
  if (state !== "active") item.append(state);
  else {
    const share = progress_share ?? 0;
    const now = current ?? baseline;
    const way = baseline === null ? `target ${amount(target, unit)}`
      : `from ${short.format(baseline)} to ${amount(target, unit)}`;
    const due = due_date ? `, ${overdue ? "was due" : "due"} ${dayOf(due_date)}` : "";
    item.append(make("progress", { max: 1, value: share, "aria-label": name }),
      make("span", {}, `${now === null ? "no value yet" : amount(now, unit)}, ${way}`,
        make("span", overdue ? { class: "flag" } : {}, due)));
  }
  return item;
}

/** @param {NonNullable<Entry["last_survey"]>} last */
function survey({ suppressed, favorable_share, n_min, n_max }) {
  if (suppressed || favorable_share === null) return "last survey: too few answers to say";
  const share = Math.round(favorable_share * 100);
  return `last survey: about ${share} % favorable, of ${n_min} to ${n_max} students`;
}

/** @param {NonNullable<Entry["due_step"]>} next */
function step({ step_id, due_date, overdue_days }) {
  return `; next step ${step_id}, ${overdue_days ? "was due" : "due"} ${dayOf(due_date)}`;
}

/**
 * A teacher's entry, as one sees it.
 * @param {Entry} entry
 */
export function row(entry) {
  const flags = entry.flags.map(({ code }) =>
    make("li", { class: code === "F8" ? "joy" : "flag" }, FLAGS[code] ?? code));
  const overdue = entry.flags.filter(({ code }) => code === "F4");
  const late = new Set(overdue.flatMap(({ evidence_ids }) => evidence_ids));
  const last = entry.last_contact_at;
  const days = last ? Math.round((Date.parse(last) - Date.now()) / DAY) : 0;
  const contact = last ? `last contact ${ago.format(days, "day")}` : "no contact yet";
  return make("li", { class: "teacher", "data-teacher": entry.teacher_id },
    make("h3", {}, nameOf(entry)),
    make("ul", { class: "flags", "aria-label": "attention" }, ...flags),
    make("ul", { class: "goals", "aria-label": "open goals" }, 
      ...entry.open_goals.map((each) => goal(each, late.has(each.goal_id)))),
    make("p", { class: "last" }, contact, entry.last_survey ? `; ${survey(entry.last_survey)}` : "",
      entry.due_step ? step(entry.due_step) : ""));
}

/**
 * Puts the rows of `entries` into `list`, and lets those glide that have another place.
 * @param {HTMLElement} list
 * @param {Rows} rows
 * @param {string[]} order
 */
function show(list, rows, order) {
  const shown = order.flatMap((id) => rows.get(id) ?? []);
  const before = shown.filter((each) => each.isConnected)
    .map((each) => ({ each, top: each.getBoundingClientRect().top }));
  list.replaceChildren(...shown);
  for (const { each, top } of calm.matches ? [] : before) {
    const moved = top - each.getBoundingClientRect().top;
    if (moved) {
      each.animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }],
        { duration: 600, easing: "ease-in-out" });
    }
  }
}

/**
 * Follows the caseload of a coach, whose client `api` is, in `list` until `signal`. `heard(entry)`:
 * it is on the screen as it is now; `changed(entry, from, to)`: its place, counted from 1, was
 * this (0: it is new), and is another one; `fresh(at, stale)`: all that was published up to then is
 * in it, which may be too long ago.
 * @param {HTMLElement} list
 * @param {import("./client/index.js").Tandem} api
 * @param {AbortSignal} signal
 * @param {(entry: Entry) => void} heard
 * @param {(entry: Entry, from: number, to: number) => void} changed
 * @param {(at: string, stale: boolean) => void} fresh
 */
export async function watchCaseload(list, api, signal, heard, changed, fresh) {
  /** @type {Rows} */
  const rows = new Map(); // by teacher
  /** @type {string[] | undefined} */
  let order; // unknown until the whole caseload has come

  for await (const { event, data } of api.watchCaseload({ signal })) {
    fresh(data.as_of, data.stale);
    if (event === "reset") {
      rows.clear();
      order = undefined;
    } else if (event === "entry") {
      const id = data.entry.teacher_id;
      const [old, now] = [rows.get(id), row(data.entry)];
      rows.set(id, now);
      old?.replaceWith(now);
      if (order) {
        now.classList.add("new");
        const before = order;
        order = placed(before, data);
        const [from, to] = [before.indexOf(id) + 1, order.indexOf(id) + 1];
        if (from !== to) {
          show(list, rows, order);
          changed(data.entry, from, to);
        }
      }
      heard(data.entry);
    } else if (event === "gone") {
      rows.get(data.teacher_id)?.remove();
      rows.delete(data.teacher_id);
      order = order?.filter((id) => id !== data.teacher_id);
    } else if (event === "order") {
      if (order?.join() !== data.teacher_ids.join()) show(list, rows, data.teacher_ids);
      order = data.teacher_ids;
    }
  }
}
