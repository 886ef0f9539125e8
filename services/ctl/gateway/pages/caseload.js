// A caseload on the screen: its entries by teacher, in the order of the API.

import { make } from "./element.js";

const FLAGS = {
  F1: "not observed for 15 school days",
  F2: "waits for feedback",
  F3: "goal does not move",
  F4: "goal is overdue",
  F5: "goal has no baseline",
  F8: "goal achieved: celebrate",
};
const DAY = 24 * 60 * 60 * 1000;
const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export const nameOf = (entry) => `${entry.given_name} ${entry.family_name}`;

function goal({ measure_id, state, progress_share, current, baseline, target, unit }) {
  const name = measure_id.replaceAll("-", " ");
  const item = make("li", {}, `${name}: `);
  if (state !== "active") item.append(state);
  else {
    const share = progress_share ?? 0;
    const text = `${current ?? baseline ?? "-"} of ${target} ${unit}`;
    item.append(make("progress", { max: 1, value: share, "aria-label": name }), ` ${text}`);
  }
  return item;
}

function survey({ suppressed, favorable_share, n_min, n_max }) {
  if (suppressed) return "last survey: too few answers to say";
  return `last survey: about ${Math.round(favorable_share * 100)} % of ${n_min} to ${n_max}`;
}

/** A teacher's entry, as one sees it. */
export function row(entry) {
  const flags = entry.flags.map(({ code }) =>
    make("li", { class: code === "F8" ? "joy" : "flag" }, FLAGS[code] ?? code));
  const days = entry.last_contact_at && Math.round((Date.parse(entry.last_contact_at) - Date.now()) / DAY);
  const contact = entry.last_contact_at ? `contact ${ago.format(days, "day")}` : "no contact yet";
  return make("li", { class: "teacher", "data-teacher": entry.teacher_id },
    make("h3", {}, nameOf(entry)),
    make("ul", { class: "flags", "aria-label": "attention" }, ...flags),
    make("ul", { class: "goals", "aria-label": "open goals" }, ...entry.open_goals.map(goal)),
    make("p", { class: "last" }, contact, entry.last_survey ? `; ${survey(entry.last_survey)}` : ""));
}

/** Puts the rows of `entries` into `list`, and lets those glide that have another place. */
function show(list, rows, order) {
  const before = new Map(order.filter((id) => rows.get(id)?.isConnected)
    .map((id) => [id, rows.get(id).getBoundingClientRect().top]));
  list.replaceChildren(...order.map((id) => rows.get(id)));
  for (const [id, top] of calm.matches ? [] : before) {
    const moved = top - rows.get(id).getBoundingClientRect().top;
    if (moved) {
      rows.get(id).animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }],
        { duration: 600, easing: "ease-in-out" });
    }
  }
}

/**
 * Follows the caseload of a coach, whose client `api` is, in `list` until `signal`. `heard(entry)`:
 * it is on the screen as it is now; `changed(entry, from, to)`: its place, counted from 1, was and
 * is this.
 */
export async function watchCaseload(list, api, signal, heard, changed) {
  const entries = new Map(); // by teacher, as are the rows
  const rows = new Map();
  let order = []; // empty until the whole caseload has come
  const news = new Set(); // whose entries have changed since then, or since the order has

  for await (const { event, data } of api.watchCaseload({ signal })) {
    if (event === "reset") {
      entries.clear();
      rows.clear();
      order = [];
    } else if (event === "entry") {
      const id = data.entry.teacher_id;
      const old = rows.get(id);
      entries.set(id, data.entry);
      rows.set(id, row(data.entry));
      if (order.length) {
        rows.get(id).classList.add("new");
        news.add(id);
      }
      old?.replaceWith(rows.get(id));
      heard(data.entry);
    } else if (event === "gone") {
      entries.delete(data.teacher_id);
      news.delete(data.teacher_id);
      rows.get(data.teacher_id)?.remove();
      rows.delete(data.teacher_id);
    } else if (event === "order") {
      const before = order;
      order = data.teacher_ids.filter((id) => entries.has(id));
      show(list, rows, order);
      for (const id of news) changed(entries.get(id), before.indexOf(id) + 1, order.indexOf(id) + 1);
      news.clear();
    }
  }
}
