// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
import { events } from "./events.js";
import { Problem, problemOf } from "./problem.js";
import { askedPause, ownPause, pause, passes } from "./sending.js";
import { canShare, shared } from "./shared.js";
const PROTOCOL = 1;
const KINDS = new Set([
    "reset",
    "entry",
    "gone",
    "order",
    "heartbeat",
    "bye"
]);
const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 8_000;
const SILENCE = 60_000;
const STEADY = 10_000;
function mayPass(error) {
    if (error instanceof Problem) return error.status >= 500 || passes(error.status);
    return error instanceof TypeError;
}
export function watchCaseload(sender, baseUrl, district, { coachId = "me", schoolYear, signal, onPause, sharedAs }) {
    const year = schoolYear === undefined ? "" : `?school_year=${schoolYear}`;
    const url = `${baseUrl}/insights/v1/caseloads/${encodeURIComponent(coachId)}/live${year}`;
    if (!sharedAs || !district || !canShare()) return follow(sender, url, "", signal, onPause);
    const name = `@tandem/client ${JSON.stringify([
        PROTOCOL,
        district,
        sharedAs,
        url
    ])}`;
    return shared(name, (...from)=>follow(sender, url, ...from), signal, onPause);
}
async function* follow(sender, url, place, signal, onPause) {
    const leaving = new AbortController();
    const leave = ()=>leaving.abort();
    signal?.addEventListener("abort", leave, {
        once: true
    });
    try {
        for(let tries = 0; !signal?.aborted; tries++){
            const cut = new AbortController();
            const end = ()=>cut.abort();
            leaving.signal.addEventListener("abort", end, {
                once: true
            });
            let answer;
            let silence;
            const heard = ()=>{
                clearTimeout(silence);
                silence = setTimeout(end, SILENCE);
            };
            let why;
            const opened = Date.now();
            try {
                heard();
                const headers = {
                    Accept: "text/event-stream",
                    ...place && {
                        "Last-Event-ID": place
                    }
                };
                answer = await sender.once(new Request(url, {
                    headers,
                    signal: cut.signal
                }));
                if (!answer.ok || !answer.body) throw await problemOf(answer);
                for await (const { event, id, data } of events(answer.body, cut.signal, heard)){
                    place = id || place;
                    if (KINDS.has(event)) yield {
                        event,
                        id,
                        data: JSON.parse(data)
                    };
                    if (signal?.aborted) return;
                }
            } catch (error) {
                if (signal?.aborted) return;
                if (error instanceof Problem && [
                    400,
                    422
                ].includes(error.status) && place) place = "";
                else if (!cut.signal.aborted && !mayPass(error)) throw error;
                why = error;
            } finally{
                clearTimeout(silence);
                leaving.signal.removeEventListener("abort", end);
                end();
            }
            if (answer?.ok && Date.now() - opened > STEADY) tries = 0;
            const ms = askedPause(answer) + ownPause(tries, FIRST_PAUSE, LONGEST_PAUSE);
            onPause?.(ms, why);
            await pause(ms, leaving.signal).catch(()=>undefined);
        }
    } finally{
        signal?.removeEventListener("abort", leave);
    }
}
