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
  plugins: [search, forEverybody],
  tryItOutEnabled: true,
  validatorUrl: null, // nothing is asked of anybody else
  onComplete: async () => {
    const { people } = await local("people");
    const choices = /** @type {HTMLElement} */ (document.getElementById("people"));
    chooser(choices, people, ({ token }) => ui.preauthorizeApiKey("oidc", token));
  },
});
