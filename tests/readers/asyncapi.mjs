// Prints a line for each finding of AsyncAPI's parser in the document that is named; then one for
// each channel: its address, and by the name of each message the fields of its payload.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";
import { ProtoBuffSchemaParser } from "@asyncapi/protobuf-schema-parser";

const parser = new Parser();
parser.registerSchemaParser(ProtoBuffSchemaParser());
const { document, diagnostics } = await parser.parse(await readFile(process.argv[2], "utf8"));
for (const { code, path, message } of diagnostics) console.log(`${path.join("/")}: ${message} (${code})`);
for (const channel of document?.allChannels() ?? []) {
  const messages = channel.messages().all().map((each) => {
    const { ce_type, ...others } = each.headers().properties();
    return [ce_type.const(), Object.keys(others), Object.keys(each.payload().properties())];
  });
  console.log(JSON.stringify([channel.address(), messages]));
}
