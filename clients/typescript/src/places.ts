// Where the entries of a live caseload stand.

import type { Schemas } from "./types.js";

/** The order of a caseload, by the ids of teachers, once an entry of it has come or changed: the others
 * stay where they are. So does she, or comes last, behind whom nobody is known who is on it: then
 * the next `order` tells. */
export function placed(
  order: readonly string[],
  { entry, after_teacher_id: after }: Pick<Schemas["EntryData"], "entry" | "after_teacher_id">,
): string[] {
  const others = order.filter((each) => each !== entry.teacher_id);
  const was = order.indexOf(entry.teacher_id);
  const behind = after === null ? 0 : others.indexOf(after) + 1 || (was < 0 ? others.length : was);
  return [...others.slice(0, behind), entry.teacher_id, ...others.slice(behind)];
}
