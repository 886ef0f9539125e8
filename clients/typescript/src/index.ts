export type { components, operations, paths } from "./api.js";
export { tandem, type Tandem } from "./client.js";
export type { LiveEvent, Watched } from "./live.js";
export {
  createdId,
  sync,
  type Command,
  type CommandAnswer,
  type Settled,
  type Written,
} from "./offline.js";
export { placed } from "./places.js";
export { Problem, type ProblemError } from "./problem.js";
export type { Options, Token } from "./sending.js";
export type { Answer, Asked, Data, Item, Method, Path, PathOfList, Schemas } from "./types.js";
