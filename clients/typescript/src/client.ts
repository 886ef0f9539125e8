import createClient from "openapi-fetch";

import type { paths } from "./api.js";
import { watchCaseload, type LiveEvent, type Watched } from "./live.js";
import { Problem } from "./problem.js";
import { newKey, Sender, type Options } from "./sending.js";
import type { Answer, Argument, Asked, AskedList, Data, Item, Method, Path, PathOfList } from "./types.js";

type Call<M extends Method> = <P extends Path<M>>(
  path: P,
  ...asked: Argument<Asked<paths[P][M]>>
) => Promise<Answer<Data<paths[P][M]>>>;

/** Every operation of the OpenAPI document, by its method and path. A refusal is thrown as a Problem;
 * what may pass, 429 and 503, is sent again before. */
export interface Tandem {
  readonly get: Call<"get">;
  readonly post: Call<"post">;
  readonly put: Call<"put">;
  readonly patch: Call<"patch">;
  readonly delete: Call<"delete">;
  /** All that is on a list, page by page as it is asked for. */
  list<P extends PathOfList>(
    path: P,
    ...asked: Argument<AskedList<P>>
  ): AsyncGenerator<Item<P>, void, undefined>;
  /** A caseload's events without end: after a cut they go on where they were. Ends by its signal;
   * throws a Problem that will not pass by itself. */
  watchCaseload(watched?: Watched): AsyncGenerator<LiveEvent, void, undefined>;
}

/** What `Asked` may have, whatever the operation. */
interface Anything {
  readonly path?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly key?: string;
  readonly signal?: AbortSignal;
}

export function tandem(options: Options = {}): Tandem {
  const sender = new Sender(options);
  const baseUrl = (options.baseUrl ?? "").replace(/\/+$/, "");
  const { request } = createClient<paths>({ baseUrl, fetch: (each) => sender.send(each) });
  const untyped = request as (method: string, path: string, init: object) => Promise<Told>;

  async function call(method: Method, path: string, asked: Anything = {}): Promise<Answer<never>> {
    const { path: inPath, query, body, ifMatch, key, signal } = asked;
    const headers = headersOf(method, body, ifMatch, key);
    const bodySerializer = body instanceof Blob ? (file: Blob) => file : undefined;
    const { data, error, response } = await untyped(method, path, {
      params: { path: inPath, query },
      headers,
      ...(body !== undefined && { body }),
      ...(bodySerializer && { bodySerializer }),
      ...(signal && { signal }),
    });
    if (!response.ok) throw new Problem(response.status, error);
    const replayed = response.headers.get("Idempotency-Replayed") === "true";
    return { data: data as never, etag: response.headers.get("ETag") ?? "", replayed, response };
  }

  async function* list(path: string, asked: Anything = {}): AsyncGenerator<never, void, undefined> {
    let token = "";
    do {
      const query = { ...asked.query, ...(token && { page_token: token }) };
      const page: Record<string, unknown> = (await call("get", path, { ...asked, query })).data;
      const items = Object.values(page).find(Array.isArray) as never[] | undefined;
      yield* items ?? [];
      token = String(page["next_page_token"] ?? "");
    } while (token);
  }

  const by = (method: Method) => (path: string, asked?: Anything) => call(method, path, asked);
  return {
    get: by("get") as Call<"get">,
    post: by("post") as Call<"post">,
    put: by("put") as Call<"put">,
    patch: by("patch") as Call<"patch">,
    delete: by("delete") as Call<"delete">,
    list: list as Tandem["list"],
    watchCaseload: (watched = {}) => watchCaseload(sender, baseUrl, options.district, watched),
  };
}

interface Told {
  data?: unknown;
  error?: unknown;
  response: Response;
}

function headersOf(method: Method, body: unknown, ifMatch?: string, key?: string): Record<string, string> {
  if (ifMatch === "") throw new TypeError("ifMatch is empty: the answer before named no ETag");
  return {
    Accept: "application/json",
    ...(method !== "get" && { "Idempotency-Key": key ?? newKey() }),
    ...(ifMatch !== undefined && { "If-Match": ifMatch }),
    ...(body instanceof Blob && { "Content-Type": body.type || "application/octet-stream" }),
  };
}
