// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
export class Problem extends Error {
    name = "Problem";
    status;
    code;
    title;
    detail;
    instance;
    traceId;
    errors;
    constructor(status, told){
        const said = typeof told === "object" && told !== null ? told : {};
        const title = said.title ?? `HTTP ${status}`;
        super(said.detail || title);
        this.status = status;
        this.code = said.code ?? "no_problem";
        this.title = title;
        this.detail = said.detail ?? "";
        this.instance = said.instance ?? "";
        this.traceId = said.trace_id ?? "";
        this.errors = said.errors ?? [];
    }
    at(pointer) {
        return this.errors.filter((each)=>each.pointer === pointer || each.pointer.startsWith(`${pointer}/`));
    }
}
export async function problemOf(answer) {
    return new Problem(answer.status, await answer.json().catch(()=>undefined));
}
