// A server that answers as it is told, and keeps what it was asked.
import { createServer } from "node:http";
import { once } from "node:events";

/** `answers`: for one request after the other `(request, response) => ...`; the last goes on. */
export async function serving(t, ...answers) {
  const asked = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push({ method: request.method, url: request.url, headers: request.headers, body });
    await answers[Math.min(asked.length, answers.length) - 1](request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, baseUrl: `http://127.0.0.1:${server.address().port}` };
}

export const json = (status, body, headers = {}) => (_, response) => {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
};

export const problem = (status, code, more = {}) =>
  json(status, { type: `urn:${code}`, title: code, status, code, detail: "", errors: [], ...more });

/** Parts of a stream, which then is cut or stays open. */
export const stream = (parts, { cut = true } = {}) => async (_, response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  for (const part of parts) {
    response.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (cut) response.destroy();
};
