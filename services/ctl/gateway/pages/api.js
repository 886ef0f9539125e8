// How a browser calls Tandem: requests with a token, and live streams by fetch.

/** A refusal: RFC 9457 problem details. Branch on `code`; `message` is for people. */
export class Problem extends Error {
  constructor(status, { code = "no_problem", title = "", detail = "" }) {
    super(detail || title);
    Object.assign(this, { status, code });
  }
}

async function checked(answer) {
  if (answer.ok) return answer;
  throw new Problem(answer.status, await answer.json().catch(() => ({})));
}

/** One request; the answer's JSON, or null where it has none. Each change has a key of its own, so that it may be sent again. */
export async function call(token, method, path, body) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (method !== "GET") headers["Idempotency-Key"] = crypto.randomUUID();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const text = await (await checked(answer)).text();
  return text ? JSON.parse(text) : null;
}

/** The events of one connection. EventSource cannot send a token, so it is read with fetch. */
async function* events(path, headers, signal) {
  const answer = await checked(await fetch(path, { headers, signal }));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (text + value).split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
      if (fields.data) yield { kind: fields.event, id: fields.id, data: JSON.parse(fields.data) };
    }
  }
}

/** Calls `heard` for each event until `signal`; after a cut it goes on where it was. */
export async function follow(path, token, signal, heard) {
  for (let place = "", pause = 0.2; !signal.aborted; pause = Math.min(pause * 2, 5)) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    if (place) headers["Last-Event-ID"] = place;
    try {
      for await (const event of events(path, headers, signal)) {
        place = event.id || place;
        pause = 0.2;
        heard(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.status < 500) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
  }
}

/** An element with children; a text is always set as text, never as HTML. */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
