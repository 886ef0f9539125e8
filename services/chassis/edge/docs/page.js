"use strict";
// Shows the OpenAPI document beside this page. Text is set as text, never as HTML.

function make(tag, text, ...children) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  node.append(...children);
  return node;
}

function resolve(api, schema) {
  if (!schema || !schema.$ref) return schema || {};
  return api.components.schemas[schema.$ref.split("/").pop()] || {};
}

function typeName(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeName).join(" | ");
  if (schema.type === "array") return `list of ${typeName(schema.items)}`;
  if (schema.enum) return schema.enum.join(" | ");
  return [schema.type || "any", schema.format].filter(Boolean).join(", ");
}

function example(api, schema, depth = 0) {
  const found = resolve(api, schema);
  if (found.examples) return found.examples[0];
  if (found.default !== undefined) return found.default;
  if (found.anyOf) return example(api, found.anyOf[0], depth);
  if (found.enum) return found.enum[0];
  if (depth > 5) return null;
  if (found.type === "array") return [example(api, found.items, depth + 1)];
  if (found.properties) {
    const required = found.required || [];
    const names = Object.keys(found.properties).filter((name) => required.includes(name));
    return Object.fromEntries(
      names.map((name) => [name, example(api, found.properties[name], depth + 1)]));
  }
  return { integer: 1, number: 1.5, boolean: true, string: "text" }[found.type] ?? null;
}

function rows(head, lines) {
  const table = make("table");
  table.append(make("tr", "", ...head.map((text) => make("th", text))));
  for (const line of lines) table.append(make("tr", "", ...line.map((text) => make("td", text))));
  return table;
}

function fields(api, schema) {
  const found = resolve(api, schema);
  const required = found.required || [];
  return Object.entries(found.properties || {}).map(([name, each]) => [
    name, typeName(each), required.includes(name) ? "required" : "", each.description || "",
  ]);
}

function jsonOf(part) {
  return part && part.content && part.content["application/json"]
    && part.content["application/json"].schema;
}

function curl(api, path, method, operation) {
  const streams = (operation.responses["200"] || {}).content || {};
  const words = ["curl", ...("text/event-stream" in streams ? ["-N"] : [])];
  if (method !== "get") words.push(`-X ${method.toUpperCase()}`);
  const lines = [`${words.join(" ")} "$TANDEM${path}"`];
  if (operation.security && operation.security.length) {
    lines.push('-H "Authorization: Bearer $TOKEN"');
  }
  const schema = jsonOf(operation.requestBody);
  if (schema) {
    lines.push('-H "Content-Type: application/json"');
    /* only pages of https and local ones are given chance */
    const key = crypto.randomUUID ? crypto.randomUUID() : "a-key-of-your-own";
    if (method === "post") lines.push(`-H "Idempotency-Key: ${key}"`);
    lines.push(`-d '${JSON.stringify(example(api, schema))}'`);
  }
  return lines.join(" \\\n  ");
}

function show(api, path, method, operation) {
  const block = make("details");
  block.id = operation.operationId;
  const title = make("span", method.toUpperCase());
  title.className = "method";
  block.append(make("summary", "", title, make("code", path), ` ${operation.summary || ""}`));
  if (operation.description) block.append(make("p", operation.description));
  if (operation.parameters) {
    block.append(make("h4", "Parameters"), rows(
      ["name", "in", "type", "", ""],
      operation.parameters.map((each) => [each.name, each.in, typeName(each.schema),
        each.required ? "required" : "", each.description || ""])));
  }
  const body = jsonOf(operation.requestBody);
  if (body) {
    block.append(make("h4", `Body: ${typeName(body)}`), rows(["field", "type", "", ""], fields(api, body)));
  }
  block.append(make("h4", "Answers"), rows(["status", "type", "meaning"],
    Object.entries(operation.responses).map(([status, each]) => [
      status, typeName(jsonOf(each)) || (status >= "400" ? "Problem" : ""), each.description])));
  block.append(make("h4", "Try it"), make("pre", curl(api, path, method, operation)));
  return block;
}

async function main() {
  const page = document.getElementById("page");
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  const api = await answer.json();
  document.title = api.info.title;
  page.replaceChildren(make("h1", api.info.title), make("p", api.info.description || ""));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      page.append(show(api, path, method, operation));
    }
  }
  page.append(make("h2", "Schemas"));
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    const block = make("details", "", make("summary", name));
    block.append(rows(["field", "type", "", ""], fields(api, schema)));
    page.append(block);
  }
}

main().catch((error) => {
  document.getElementById("page").textContent = `The API description cannot be read. ${error}`;
});
