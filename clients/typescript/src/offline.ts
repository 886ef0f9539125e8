// What a device did while it was offline, sent when it is online again.

import type { Tandem } from "./client.js";
import type { Schemas } from "./types.js";

export type Command = Schemas["SyncCommand"];
export type CommandAnswer = Schemas["CommandAnswer"];
/** The services where people change things. */
export type Written = "roster" | "programs" | "goals" | "surveys" | "observations" | "privacy";
/** What was answered, and the commands that are left: keep these before it returns. */
export type Settled = (
  command: Command,
  answer: CommandAnswer,
  left: readonly Command[],
) => void | Promise<void>;

const MOST = 200; // commands of a request
const BYTES = 200_000; // of a request, which takes 256 KiB
const NAMESPACE = "6f0c5a1e4f0b5c579a5e7a6d3f1f2b11";

/** The id that a thing will have which `operation` creates under this `command_id` or idempotency
 * key, by the person with this id in the roster: what comes after it can name it before it is there. */
export async function createdId(
  district: string,
  person: string,
  operation: string,
  key: string,
): Promise<string> {
  const parts = ["created", district, `person:${person}`, operation, key];
  const name = parts.map((each) => `${each.length}:${each}`).join("");
  const space = NAMESPACE.match(/../g)!.map((each) => Number.parseInt(each, 16));
  const said = new Uint8Array([...space, ...new TextEncoder().encode(name)]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", said)).slice(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const id = [...hash].map((each) => each.toString(16).padStart(2, "0")).join("");
  return id.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** Sends commands to a service in their order, as many at once as it takes, until each is settled or
 * nothing more can be for now. Gives those that are left, to be sent later as they are then. Throws
 * a Problem as any request; what was settled until then was told. */
export async function sync(
  api: Tandem,
  service: Written,
  commands: readonly Command[],
  settled: Settled,
): Promise<readonly Command[]> {
  let left = commands;
  while (left.length) {
    const part = first(left);
    const { data } = await api.post(`/${service}/v1/sync`, { body: { commands: part } });
    let done = 0;
    for (const [index, command] of part.entries()) {
      const answer = data.answers[index]!;
      if (answer.again) continue;
      done += 1;
      left = seen(left, command, answer.written_version);
      await settled(command, answer, left);
    }
    if (!done) break;
  }
  return left;
}

function first(commands: readonly Command[]): Command[] {
  const part: Command[] = [];
  let size = 0;
  for (const each of commands.slice(0, MOST)) {
    size += new TextEncoder().encode(JSON.stringify(each)).length + 1;
    if (part.length && size > BYTES) break;
    part.push(each);
  }
  return part;
}

/** Without the command; what is done to the same thing after it has seen the version that it gave. */
function seen(commands: readonly Command[], done: Command, written: number | null): readonly Command[] {
  const thing = JSON.stringify(done.path ?? {});
  return commands
    .filter((each) => each.command_id !== done.command_id)
    .map((each) =>
      written !== null && each.base_version === written - 1 && JSON.stringify(each.path ?? {}) === thing
        ? { ...each, base_version: written }
        : each,
    );
}
