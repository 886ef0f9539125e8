// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
const MOST = 200;
const BYTES = 200_000;
const NAMESPACE = "6f0c5a1e4f0b5c579a5e7a6d3f1f2b11";
export async function createdId(district, person, operation, key) {
    const parts = [
        "created",
        district,
        `person:${person}`,
        operation,
        key
    ];
    const name = parts.map((each)=>`${each.length}:${each}`).join("");
    const space = NAMESPACE.match(/../g).map((each)=>Number.parseInt(each, 16));
    const said = new Uint8Array([
        ...space,
        ...new TextEncoder().encode(name)
    ]);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", said)).slice(0, 16);
    hash[6] = hash[6] & 0x0f | 0x50;
    hash[8] = hash[8] & 0x3f | 0x80;
    const id = [
        ...hash
    ].map((each)=>each.toString(16).padStart(2, "0")).join("");
    return id.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
export async function sync(api, service, commands, settled) {
    let left = commands;
    while(left.length){
        const part = first(left);
        const { data } = await api.post(`/${service}/v1/sync`, {
            body: {
                commands: part
            }
        });
        let done = 0;
        for (const [index, command] of part.entries()){
            const answer = data.answers[index];
            if (answer.again) continue;
            done += 1;
            left = seen(left, command, answer.written_version);
            await settled(command, answer, left);
        }
        if (!done) break;
    }
    return left;
}
function first(commands) {
    const part = [];
    let size = 0;
    for (const each of commands.slice(0, MOST)){
        size += new TextEncoder().encode(JSON.stringify(each)).length + 1;
        if (part.length && size > BYTES) break;
        part.push(each);
    }
    return part;
}
function seen(commands, done, written) {
    const thing = JSON.stringify(done.path ?? {});
    return commands.filter((each)=>each.command_id !== done.command_id).map((each)=>written !== null && each.base_version === written - 1 && JSON.stringify(each.path ?? {}) === thing ? {
            ...each,
            base_version: written
        } : each);
}
