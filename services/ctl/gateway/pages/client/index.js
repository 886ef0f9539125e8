// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
export { tandem } from "./client.js";
export { createdId, sync } from "./offline.js";
export { placed } from "./places.js";
export { Problem } from "./problem.js";
