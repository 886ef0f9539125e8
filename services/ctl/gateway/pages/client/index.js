// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
export { tandem } from "./client.js";
export { Problem } from "./problem.js";
