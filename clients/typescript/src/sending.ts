// Requests with a token, sent again where that may help.

/** A function is asked before each request, and once more with the token that was refused (401). */
export type Token = string | ((refused?: string) => string | Promise<string>);

export interface Options {
  /** Where the services are, such as `https://tandem.example.org`; empty: where the page is from. */
  readonly baseUrl?: string;
  /** Without one only what needs none can be asked. */
  readonly token?: Token;
  /** Be refused with `other_district` where the token is of another. `sharedAs` needs it. */
  readonly district?: string;
  /** For how long a request that is refused for now is sent again, in ms; 30 s, and 0 for never. */
  readonly patience?: number;
  readonly fetch?: (request: Request) => Promise<Response>;
}

const TRIES = 6;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
/** Too many, and what services and the proxies before them say while one is not there. */
const FOR_NOW: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export const passes = (status: number): boolean => FOR_NOW.has(status);

/** Another for each change; also where `crypto.randomUUID` is not there, without TLS. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}

/** The pause that an answer asks for, in ms. */
export function askedPause(answer: Response | undefined): number {
  const told = answer?.headers.get("Retry-After");
  if (!told) return 0;
  const ms = /^\d+$/.test(told) ? Number(told) * 1_000 : Date.parse(told) - Date.now();
  return Math.max(0, ms) || 0;
}

/** Each longer than the last, and of nobody quite the same. */
export function ownPause(tries: number, first: number, longest: number): number {
  return Math.min(first * 2 ** tries, longest) * (0.5 + Math.random() / 2);
}

/** Rejects with the signal's reason. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

export class Sender {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** One answer, whatever it is. */
  async once(request: Request): Promise<Response> {
    const { token, district, fetch = globalThis.fetch } = this.#options;
    if (district) request.headers.set("Tandem-District", district);
    if (token === undefined) return fetch(request);
    const known = typeof token === "string" ? token : await token();
    const answer = await fetch(withToken(request.clone(), known));
    if (answer.status !== 401 || typeof token === "string") return answer;
    const other = await token(known);
    if (other === known) return answer;
    await answer.body?.cancel();
    return fetch(withToken(request, other));
  }

  /** Again while there is no answer or one that says to come later. A change has a key, so that it
   * is done once. */
  async send(request: Request): Promise<Response> {
    const until = Date.now() + (this.#options.patience ?? 30_000);
    for (let tries = 0; ; tries++) {
      let answer: Response | undefined;
      let failure: unknown;
      try {
        answer = await this.once(request.clone());
        if (!passes(answer.status)) return answer;
      } catch (error) {
        if (request.signal.aborted || !(error instanceof TypeError)) throw error;
        failure = error; // as fetch fails where nobody answers
      }
      const ms = askedPause(answer) + ownPause(tries, FIRST_PAUSE, LONGEST_PAUSE);
      if (tries + 1 >= TRIES || Date.now() + ms > until) {
        if (answer) return answer;
        throw failure;
      }
      await answer?.body?.cancel();
      await pause(ms, request.signal);
    }
  }
}

function withToken(request: Request, token: string): Request {
  request.headers.set("Authorization", `Bearer ${token}`);
  return request;
}
