// A student's page without the page: reads what is asked and answers it with each code, by the program of
// docs/frontends.md. Prints what it sees, a line of JSON each.
import { tandem } from "@tandem/client";
import { answer, ask } from "../frontends/student.js";

const [baseUrl, district_id, administration_id, ...codes] = process.argv.slice(2);
const api = tandem({ baseUrl });
const survey = { district_id, administration_id };
const say = (what, told) => console.log(JSON.stringify({ [what]: told }));

const form = await ask(api, survey);
say("asked", form);
const best = new Map(form.scales.map((scale) => [scale.scale_id, scale.values.at(-1)]));
const chosen = new Map(form.items.map((item) => [item.item_id, best.get(item.scale_id)]));
for (const code of codes) say("answered", await answer(api, survey, code, chosen));
say("another code", await answer(api, survey, "0000-0000-0000", chosen));
say("another survey", (await ask(api, { district_id, administration_id: "nowhere" })) ?? null);
