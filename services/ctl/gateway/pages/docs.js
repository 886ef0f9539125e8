// @ts-check
// All APIs on one page, with a token of whom one chooses to be.

import { local } from "./local.js";
import { chooser } from "./people.js";

/** @type {(phrase: string) => (all: any) => any} */
const filtered = (phrase) => (all) => all.filter((/** @type {any} */ each) =>
  [each.get("path"), each.getIn(["operation", "summary"]), each.getIn(["operation", "operationId"])]
    .join(" ").toLowerCase().includes(phrase.toLowerCase()));

/** What is typed is looked for in paths and summaries, not in the names of services alone. */
const search = {
  fn: {
    /** @type {(tagged: any, phrase: string) => any} */
    opsFilter: (tagged, phrase) => tagged
      .map((/** @type {any} */ tag) => tag.update("operations", filtered(phrase)))
      .filter((/** @type {any} */ tag) => tag.get("operations").size > 0),
  },
};

/** @typedef {{ React: any }} Ui */
/**
 * What everybody can use: a heading between that of the page and those of the services, a name for
 * what is typed as a body, and no choice of a server, since there is one.
 */
const forEverybody = {
  wrapComponents: {
    /** @type {(shown: any, ui: Ui) => (props: any) => any} */
    FilterContainer: (shown, { React: { createElement, Fragment } }) => (props) =>
      createElement(Fragment, null, createElement("h2", null, "Operations"), createElement(shown, props)),
    /** @type {(shown: any, ui: Ui) => (props: any) => any} */
    TextArea: (shown, { React }) => (props) => React.createElement(shown, { "aria-label": "Body", ...props }),
    ServersContainer: () => () => null,
  },
};

/**
 * A part of the document, each reference in it replaced by what it names; one that is within what it
 * names stays. Swagger UI's own way makes the whole document anew for each part, twice: of 500
 * operations that was thirteen times the work of all else on the page, and again for each one opened.
 *
 * @type {(document: any, path: string[]) => any}
 */
const partOf = (document, path) => {
  const at = (/** @type {string[]} */ names) => names.reduce((found, name) => found?.[name], document);
  const named = (/** @type {string} */ reference) =>
    at(reference.slice(2).split("/").map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~")));
  /** @type {(node: any, within: string[]) => any} */
  const each = (node, within) =>
    Object.fromEntries(Object.entries(node).map(([key, value]) => [key, whole(value, within)]));
  /** @type {(node: any, within: string[]) => any} */
  const whole = (node, within) => {
    if (Array.isArray(node)) return node.map((value) => whole(value, within));
    if (node === null || typeof node !== "object") return node;
    const { $ref, ...beside } = node;
    if ($ref === undefined) return each(node, within);
    return within.includes($ref) ? node : { ...whole(named($ref), [...within, $ref]), ...each(beside, within) };
  };
  return whole(at(path) ?? null, []);
};

/** The document refers to nothing but itself. */
const quick = {
  fn: {
    /** @type {(document: any, path: string[]) => Promise<any>} */
    resolveSubtree: async (document, path) => ({ spec: partOf(document, path), errors: [] }),
  },
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const light = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", light);
light();

const ui = /** @type {any} */ (window).SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#apis",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  plugins: [search, forEverybody, quick],
  tryItOutEnabled: true,
  validatorUrl: null, // nothing is asked of anybody else
  onComplete: async () => {
    const { people } = await local("people");
    const choices = /** @type {HTMLElement} */ (document.getElementById("people"));
    chooser(choices, people, ({ token }) => ui.preauthorizeApiKey("oidc", token));
  },
});
