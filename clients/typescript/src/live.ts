// A coach's caseload as it changes. EventSource cannot send a token, so it is read with fetch.

import { events } from "./events.js";
import { Problem, problemOf } from "./problem.js";
import { askedPause, ownPause, pause, passes, type Sender } from "./sending.js";
import { canShare, shared } from "./shared.js";
import type { Schemas } from "./types.js";

export type LiveEvent = Schemas["LiveEvent"];

export interface Watched {
  /** A coach, by her id; `me`, which is whoever asks, without one. */
  readonly coachId?: string | undefined;
  /** By the calendar year it ends in; the present one without it. */
  readonly schoolYear?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Who is signed in, by her id: all tabs of this origin that say the same share one connection. Her id
   * is one of her district's alone: where the client's options name no `district`, or a browser cannot
   * do that, each tab has its own. */
  readonly sharedAs?: string | undefined;
  /** The connection has ended, and there will be another in so many ms: for what a page says. */
  readonly onPause?: ((ms: number, why: unknown) => void) | undefined;
}

/** Of what tabs tell each other: those with another version of it do not share. */
const PROTOCOL = 1;
const KINDS: ReadonlySet<string> = new Set<LiveEvent["event"]>([
  "reset",
  "entry",
  "gone",
  "order",
  "heartbeat",
  "bye",
]);
const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 8_000;
const SILENCE = 60_000; // the server's heartbeats come much closer
const STEADY = 10_000; // a connection that lasts so long was a good one

/** A service or a connection that is not there for now; as fetch fails, that is a TypeError. */
function mayPass(error: unknown): boolean {
  if (error instanceof Problem) return error.status >= 500 || passes(error.status);
  return error instanceof TypeError;
}

/** Without end: after a cut it goes on where it was. Ends when `signal` says so; throws a Problem
 * that will not pass by itself, such as a relationship that ended. */
export function watchCaseload(
  sender: Sender,
  baseUrl: string,
  district: string | undefined,
  { coachId = "me", schoolYear, signal, onPause, sharedAs }: Watched,
): AsyncGenerator<LiveEvent, void, undefined> {
  const year = schoolYear === undefined ? "" : `?school_year=${schoolYear}`;
  const url = `${baseUrl}/insights/v1/caseloads/${encodeURIComponent(coachId)}/live${year}`;
  if (!sharedAs || !district || !canShare()) return follow(sender, url, "", signal, onPause);
  const name = `@tandem/client ${JSON.stringify([PROTOCOL, district, sharedAs, url])}`;
  return shared(name, (...from) => follow(sender, url, ...from), signal, onPause);
}

async function* follow(
  sender: Sender,
  url: string,
  place: string,
  signal: AbortSignal | undefined,
  onPause: Watched["onPause"],
): AsyncGenerator<LiveEvent, void, undefined> {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  signal?.addEventListener("abort", leave, { once: true });
  try {
    for (let tries = 0; !signal?.aborted; tries++) {
      const cut = new AbortController();
      const end = (): void => cut.abort();
      leaving.signal.addEventListener("abort", end, { once: true });
      let answer: Response | undefined;
      let silence: ReturnType<typeof setTimeout> | undefined;
      const heard = (): void => {
        clearTimeout(silence);
        silence = setTimeout(end, SILENCE);
      };
      let why: unknown;
      const opened = Date.now();
      try {
        heard();
        const headers = { Accept: "text/event-stream", ...(place && { "Last-Event-ID": place }) };
        answer = await sender.once(new Request(url, { headers, signal: cut.signal }));
        if (!answer.ok || !answer.body) throw await problemOf(answer);
        for await (const { event, id, data } of events(answer.body, cut.signal, heard)) {
          place = id || place;
          if (KINDS.has(event)) yield { event, id, data: JSON.parse(data) } as LiveEvent;
          if (signal?.aborted) return;
        }
      } catch (error) {
        if (signal?.aborted) return;
        // a place that a newer server does not know: everything comes again
        if (error instanceof Problem && [400, 422].includes(error.status) && place) place = "";
        else if (!cut.signal.aborted && !mayPass(error)) throw error;
        why = error;
      } finally {
        clearTimeout(silence);
        leaving.signal.removeEventListener("abort", end);
        end();
      }
      // one of too many streams ends soon after it began: each time a longer pause
      if (answer?.ok && Date.now() - opened > STEADY) tries = 0;
      const ms = askedPause(answer) + ownPause(tries, FIRST_PAUSE, LONGEST_PAUSE);
      onPause?.(ms, why);
      await pause(ms, leaving.signal).catch(() => undefined);
    }
  } finally {
    signal?.removeEventListener("abort", leave);
  }
}
