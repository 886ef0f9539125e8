import type { Schemas } from "./types.js";

export type ProblemError = Schemas["ProblemError"];

/** A refusal: RFC 9457 problem details. Branch on `code`; `message` is for people. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  /** Stable; `no_problem` where somebody else has answered, such as a proxy. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** What to name in a report. */
  readonly instance: string;
  readonly traceId: string;
  /** Where in the request, as far as that is known. */
  readonly errors: readonly ProblemError[];

  constructor(status: number, told: unknown) {
    const said: Partial<Schemas["Problem"]> = typeof told === "object" && told !== null ? told : {};
    const title = said.title ?? `HTTP ${status}`;
    super(said.detail || title);
    this.status = status;
    this.code = said.code ?? "no_problem";
    this.title = title;
    this.detail = said.detail ?? "";
    this.instance = said.instance ?? "";
    this.traceId = said.trace_id ?? "";
    this.errors = said.errors ?? [];
  }

  /** What is wrong with a field and what is in it, by its JSON pointer: `/scores/0/score`. */
  at(pointer: string): readonly ProblemError[] {
    return this.errors.filter(
      (each) => each.pointer === pointer || each.pointer.startsWith(`${pointer}/`),
    );
  }
}

/** The problem of an answer that has not been read yet. */
export async function problemOf(answer: Response): Promise<Problem> {
  return new Problem(answer.status, await answer.json().catch(() => undefined));
}
