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

const nameIn = (reference) => reference.split("/").pop();

/** What a value is, as what a node is made of: a schema's name leads to it. */
function typeOf(schema) {
  if (!schema) return [];
  if (schema.$ref) {
    const link = make("a", nameIn(schema.$ref));
    link.href = `#schema-${nameIn(schema.$ref)}`;
    return [link];
  }
  const several = schema.anyOf || schema.oneOf;
  if (several) return several.flatMap((each, i) => (i ? [" | ", ...typeOf(each)] : typeOf(each)));
  if (schema.allOf) return typeOf(schema.allOf[0]);
  if (schema.type === "array") return ["list of ", ...typeOf(schema.items)];
  if (schema.enum) return [schema.enum.join(" | ")];
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  return [[schema.type || "any", schema.format].filter(Boolean).join(", ")];
}

const BOUNDS = {
  minimum: (n) => `from ${n}`, exclusiveMinimum: (n) => `above ${n}`,
  maximum: (n) => `to ${n}`, exclusiveMaximum: (n) => `below ${n}`,
  minLength: (n) => `${n} characters or more`, maxLength: (n) => `${n} characters at most`,
  minItems: (n) => `${n} entries or more`, maxItems: (n) => `${n} entries at most`,
  pattern: (text) => `like ${text}`, default: (value) => `without it ${JSON.stringify(value)}`,
};

/** The bounds of a value, of what may stand for it, and of the entries of a list. */
function boundsOf(schema) {
  const own = Object.keys(BOUNDS).filter((name) => schema[name] !== undefined && schema[name] !== null);
  const inner = [...(schema.anyOf || []), ...(schema.items ? [schema.items] : [])];
  return [...own.map((name) => BOUNDS[name](schema[name])), ...inner.flatMap(boundsOf)];
}

/** The cell of a value: its type, its bounds, and an example. */
function valueOf(schema) {
  const cell = [...typeOf(schema)];
  const bounds = boundsOf(schema || {});
  if (bounds.length) cell.push(make("small", bounds.join(", ")));
  const shown = schema && schema.examples && schema.examples[0];
  if (shown !== undefined && shown !== null) cell.push(make("small", `such as ${JSON.stringify(shown)}`));
  return cell;
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

/** A table; a cell is a text, or what a node is made of. */
function rows(head, lines) {
  const table = make("table");
  table.append(make("tr", "", ...head.map((text) => make("th", text))));
  for (const line of lines) {
    table.append(make("tr", "", ...line.map((cell) => make("td", "", ...[cell].flat()))));
  }
  return table;
}

/** Of an object its fields, of an enum its words. */
function told(api, schema) {
  const found = resolve(api, schema);
  if (found.enum) return rows(["value"], found.enum.map((word) => [JSON.stringify(word)]));
  const required = found.required || [];
  return rows(["field", "type", "needed", "meaning"], Object.entries(found.properties || {}).map(([name, each]) => [
    name, valueOf(each), required.includes(name) ? "required" : "", each.description || "",
  ]));
}

function jsonOf(part) {
  const content = (part && part.content) || {};
  return (content["application/json"] || content["application/problem+json"] || {}).schema;
}

/** What an answer is; of a problem its codes, too. */
function answerOf(response) {
  const schema = jsonOf(response);
  const narrowed = ((schema && schema.allOf) || []).find((each) => each.properties);
  const codes = narrowed ? narrowed.properties.code.enum : [];
  return [...typeOf(schema), ...(codes.length ? [make("small", codes.join(", "))] : [])];
}

function curl(api, path, method, operation) {
  const streams = (operation.responses["200"] || {}).content || {};
  const words = ["curl", ...("text/event-stream" in streams ? ["-N"] : [])];
  if (method !== "get") words.push(`-X ${method.toUpperCase()}`);
  const lines = [`${words.join(" ")} "$TANDEM${path}"`];
  if (operation.security && operation.security.length) {
    lines.push('-H "Authorization: Bearer $TOKEN"');
  }
  const headers = (operation.parameters || []).filter((each) => each.in === "header");
  if (headers.some(({ name }) => name === "Idempotency-Key")) {
    /* only pages of https and local ones are given chance */
    const key = crypto.randomUUID ? crypto.randomUUID() : "a-key-of-your-own";
    lines.push(`-H "Idempotency-Key: ${key}"`);
  }
  if (headers.some(({ name, required }) => name === "If-Match" && required)) {
    lines.push("-H 'If-Match: \"1\"'");
  }
  const schema = jsonOf(operation.requestBody);
  if (schema) {
    lines.push('-H "Content-Type: application/json"');
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
    block.append(make("h3", "Parameters"), rows(
      ["name", "in", "type", "needed", "meaning"],
      operation.parameters.map((each) => [each.name, each.in, valueOf(each.schema),
        each.required ? "required" : "", each.description || ""])));
  }
  const body = jsonOf(operation.requestBody);
  if (body) {
    block.append(make("h3", "", "Body: ", ...typeOf(body)), told(api, body));
  }
  block.append(make("h3", "Answers"), rows(["status", "type", "meaning"],
    Object.entries(operation.responses).map(([status, each]) => [
      status, answerOf(each), each.description])));
  const command = make("pre", curl(api, path, method, operation));
  command.tabIndex = 0; /* a long one is scrolled, also with the keyboard */
  block.append(make("h3", "Try it"), command);
  return block;
}

async function main() {
  const page = document.getElementById("page");
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  const api = await answer.json();
  document.title = api.info.title;
  page.replaceChildren(make("h1", api.info.title), make("p", api.info.description || ""),
    make("h2", "Operations"));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      page.append(show(api, path, method, operation));
    }
  }
  page.append(make("h2", "Schemas"));
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    const block = make("details", "", make("summary", name));
    block.id = `schema-${name}`;
    if (schema.description) block.append(make("p", schema.description));
    block.append(told(api, schema));
    page.append(block);
  }
  openNamed();
}

/** The block that the address names is open, and on the screen. */
function openNamed() {
  const named = [...document.querySelectorAll("details")].find(({ id }) => `#${id}` === location.hash);
  if (!named) return;
  named.open = true;
  named.scrollIntoView();
}

window.addEventListener("hashchange", openNamed);

main().catch((error) => {
  document.getElementById("page").textContent = `The API description cannot be read. ${error}`;
});
