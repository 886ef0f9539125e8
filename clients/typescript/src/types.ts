// What each operation takes and answers, out of the generated types.

import type { components, paths } from "./api.js";

export type Schemas = components["schemas"];
export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that take a method. */
export type Path<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths];

type Part<O, Name extends string> = O extends { parameters: infer All }
  ? { [Key in keyof All as Key extends Name ? Key : never]: All[Key] }
  : never;

type Header<O> = O extends { parameters: { header?: infer H } } ? Exclude<H, undefined> : never;

/** An option that stands for a header, where the operation takes that. */
type Instead<O, Name extends string, Option extends string> = [Header<O>] extends [never]
  ? { [K in Option]?: never }
  : Name extends keyof Header<O>
    ? Header<O> extends Record<Name, string>
      ? { [K in Option]: string }
      : { [K in Option]?: string | undefined }
    : { [K in Option]?: never };

/** JSON; a file is sent as it is, with the type that it names. */
type Sent<C> = C extends { "application/json": infer Json } ? Json : Blob;

type Body<O> = O extends { requestBody: { content: infer C } }
  ? { body: Sent<C> }
  : O extends { requestBody?: infer R }
    ? [Exclude<R, undefined>] extends [never]
      ? { body?: never }
      : { body?: Exclude<R, undefined> extends { content: infer C } ? Sent<C> : never }
    : { body?: never };

/** What a request says: `ifMatch` is the `etag` of what was seen, `key` an idempotency key of your
 * own; without one each change has another, which its repetitions keep. */
export type Asked<O> = O extends unknown
  ? Part<O, "path" | "query"> &
      Body<O> &
      Instead<O, "If-Match", "ifMatch"> &
      Instead<O, "Idempotency-Key", "key"> & { signal?: AbortSignal | undefined }
  : never;

type Good<O> = O extends { responses: infer R } ? R[keyof R & (200 | 201 | 204)] : never;

/** The body of an operation's answer. */
export type Data<O> = Good<O> extends { content: infer C } ? C[keyof C] : undefined;

export interface Answer<T> {
  readonly data: T;
  /** The version, for `ifMatch`; empty where the answer names none. */
  readonly etag: string;
  /** The change had been done before, with the same key. */
  readonly replayed: boolean;
  readonly response: Response;
}

/** The paths of lists, which are answered page by page. */
export type PathOfList = {
  [P in Path<"get">]: Data<paths[P]["get"]> extends { next_page_token: string } ? P : never;
}[Path<"get">];

/** What a list is of: a page has one array. */
export type Item<P extends PathOfList> = {
  [K in keyof Data<paths[P]["get"]>]: Data<paths[P]["get"]>[K] extends readonly (infer T)[] ? T : never;
}[keyof Data<paths[P]["get"]>];

/** `page_size` is how many are asked for at once, and not how many come. */
export type AskedList<P extends PathOfList> = Omit<Asked<paths[P]["get"]>, "query"> &
  (Asked<paths[P]["get"]> extends { query?: infer Q }
    ? { query?: Omit<Exclude<Q, undefined>, "page_token"> | undefined }
    : object);

/** An argument that may be left out where nothing in it is needed. */
export type Argument<A> = {} extends A ? [asked?: A] : [asked: A];
