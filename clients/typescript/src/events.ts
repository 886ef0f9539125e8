// Server-sent events, as the HTML standard says, from a stream of bytes.

export interface Sent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** Each event that has data, until the end or `signal`; `heard` is called for whatever arrives,
 * comments too. */
export async function* events(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
  heard: () => void,
): AsyncGenerator<Sent, void, undefined> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let [text, event, id] = ["", "", ""];
  let data: string[] = [];
  // by itself: whether what asked for the body still hears of the signal is up to the platform
  const stop = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      heard();
      text += value;
      // a carriage return at the end may be half of a line's end
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      text = lines.pop() ?? "";
      for (const line of lines) {
        const [, field, told] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
        if (line === "") {
          if (data.length) yield { event, id, data: data.join("\n") };
          [event, data] = ["", []];
        } else if (field === "data") data.push(told ?? "");
        else if (field === "event") event = told ?? "";
        else if (field === "id") id = told ?? "";
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await reader.cancel().catch(() => undefined);
  }
}
