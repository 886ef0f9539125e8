// Prints a line for each finding of redocly and spectral in the OpenAPI documents that are named.
import { readFile } from "node:fs/promises";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";

const config = await createConfig({ extends: ["recommended"] });
const rules = new spectral.Spectral();
rules.setRuleset({ extends: [rulesets.oas] });

for (const path of process.argv.slice(2)) {
  const source = await readFile(path, "utf8");
  for (const each of await lintFromString({ source, absoluteRef: path, config })) {
    console.log(`${path} ${each.location[0]?.pointer}: ${each.message} (redocly ${each.ruleId})`);
  }
  for (const each of await rules.run(JSON.parse(source))) {
    console.log(`${path} ${each.path.join("/")}: ${each.message} (spectral ${each.code})`);
  }
}
