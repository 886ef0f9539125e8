// One connection for all tabs of a browser that show the same caseload. Who holds the lock reads it and
// tells the others; the browser gives the lock to the next one when that tab is gone.

import type { LiveEvent } from "./live.js";
import { placed } from "./places.js";

type OnPause = (ms: number, why: unknown) => void;
/** The events from a place on. */
export type Open = (place: string, signal: AbortSignal, onPause: OnPause) => AsyncIterable<LiveEvent>;

/** What the one who reads tells: `at` counts the events that it has told. */
type Told = { readonly from: string; readonly at: number } & (
  | { readonly begins: string } // the place from which it goes on
  | { readonly live: LiveEvent }
  | { readonly pause: number }
  | { readonly to: string; readonly place: string; readonly whole: readonly LiveEvent[] }
);
type Asks = { readonly want: string };

const MOST = 1_000; // events that wait for a tab beyond what its caseload is made of

/** Whether this is a tab that can: a page that is neither local nor of https has no locks. */
export function canShare(): boolean {
  return typeof BroadcastChannel === "function" && Boolean(globalThis.navigator?.locks);
}

/** A caseload as it was told up to `place`. */
class Known {
  place = "";
  private reset: Extract<LiveEvent, { event: "reset" }> | undefined;
  private order: Extract<LiveEvent, { event: "order" }> | undefined;
  private readonly entries = new Map<string, Extract<LiveEvent, { event: "entry" }>>();
  private places: readonly string[] = [];

  get size(): number {
    return this.entries.size;
  }

  take(live: LiveEvent): void {
    this.place = live.id || this.place;
    if (live.event === "reset") {
      this.reset = live;
      this.order = undefined;
      this.entries.clear();
      this.places = [];
    } else if (live.event === "entry") {
      this.entries.set(live.data.entry.teacher_id, live);
      this.places = placed(this.places, live.data);
    } else if (live.event === "gone") {
      this.entries.delete(live.data.teacher_id);
      this.places = this.places.filter((each) => each !== live.data.teacher_id);
    } else if (live.event === "order") {
      this.order = live;
      this.places = live.data.teacher_ids;
    }
  }

  /** Events that tell all of it, each entry behind the one before it. */
  whole(): LiveEvent[] {
    if (!this.reset) return [];
    const { order } = this;
    const entries = this.places.flatMap((each) => this.entries.get(each) ?? []);
    const teacher_ids = entries.map(({ data }) => data.entry.teacher_id);
    const whole = entries.map((each, at) => {
      return { ...each, data: { ...each.data, after_teacher_id: teacher_ids[at - 1] ?? null } };
    });
    const reset = { ...this.reset, data: { ...this.reset.data, entries: whole.length } };
    if (!order) return [reset, ...whole];
    return [reset, ...whole, { ...order, data: { ...order.data, teacher_ids } }];
  }
}

/** As `open`, with the other tabs that say the same `name`. */
export async function* shared(
  name: string,
  open: Open,
  signal: AbortSignal | undefined,
  onPause: OnPause | undefined,
): AsyncGenerator<LiveEvent, void, undefined> {
  const me = crypto.randomUUID();
  const channel = new BroadcastChannel(name);
  const known = new Known();
  const leaving = new AbortController();
  let waiting: LiveEvent[] = [];
  let [from, at] = ["", 0]; // who reads, and how much of it has been heard
  let [reads, asked, over] = [false, false, false];
  let failed: unknown;
  let wake = (): void => undefined;

  const tell = (told: object): void => channel.postMessage({ from: me, at, ...told });
  const take = (live: LiveEvent): void => {
    known.take(live);
    waiting.push(live);
    if (waiting.length > MOST + known.size) waiting = known.whole(); // she is slow: this tells as much
    wake();
  };
  const ask = (): void => {
    if (!asked) channel.postMessage({ want: me } satisfies Asks);
    asked = true;
  };
  channel.onmessage = ({ data }: MessageEvent<Told | Asks>): void => {
    if (over || leaving.signal.aborted) return; // what it knows is no more what is
    if ("want" in data) {
      if (reads) tell({ to: data.want, place: known.place, whole: known.whole() });
    } else if (reads) return; // the last words of the one before
    else if ("begins" in data) {
      [from, at, asked] = [data.from, 0, false];
      if (data.begins !== known.place) ask();
    } else if ("pause" in data) onPause?.(data.pause, undefined);
    else if ("to" in data) {
      if (data.to !== me) return;
      [from, at, asked] = [data.from, data.at, false];
      if (data.whole.length) waiting = [];
      for (const live of data.whole) take(live);
      known.place = data.place || known.place;
    } else if (asked) return; // it is in what was asked for, or comes after that
    else if (data.from === from && data.at === at + 1) {
      at += 1;
      take(data.live);
    } else ask();
  };
  const read = async (): Promise<void> => {
    [reads, at] = [true, 0];
    tell({ begins: known.place });
    const paused: OnPause = (ms, why) => {
      tell({ pause: ms });
      onPause?.(ms, why);
    };
    for await (const live of open(known.place, leaving.signal, paused)) {
      if (leaving.signal.aborted) return;
      at += 1;
      take(live);
      tell({ live });
    }
  };
  const leave = (): void => leaving.abort();
  signal?.addEventListener("abort", leave, { once: true });
  if (signal?.aborted) leave();
  const reading = navigator.locks
    .request(name, { signal: leaving.signal }, read)
    .catch((error: unknown) => (failed = error))
    .finally(() => {
      over = true;
      wake();
    });
  try {
    ask();
    for (;;) {
      for (let live = waiting.shift(); live; live = waiting.shift()) {
        yield live;
        if (signal?.aborted) return;
      }
      if (over && failed !== undefined && !signal?.aborted) throw failed;
      if (over) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    leave();
    await reading;
    signal?.removeEventListener("abort", leave);
    channel.close();
  }
}
