// All APIs on one page, with a token of whom one chooses to be.

import { local } from "./local.js";
import { chooser } from "./people.js";

/** What is typed is looked for in paths and summaries, not in the names of services alone. */
const search = {
  fn: {
    opsFilter: (tagged, phrase) => tagged
      .map((tag) => tag.update("operations", (all) => all.filter((each) =>
        [each.get("path"), each.getIn(["operation", "summary"]), each.getIn(["operation", "operationId"])]
          .join(" ").toLowerCase().includes(phrase.toLowerCase()))))
      .filter((tag) => tag.get("operations").size > 0),
  },
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const light = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", light);
light();

const ui = window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#apis",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  plugins: [search],
  tryItOutEnabled: true,
  validatorUrl: null, // nothing is asked of anybody else
  onComplete: async () => {
    const { people } = await local("people");
    chooser(document.getElementById("people"), people, ({ token }) => ui.preauthorizeApiKey("oidc", token));
  },
});
