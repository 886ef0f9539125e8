// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
const TRIES = 6;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
const FOR_NOW = new Set([
    429,
    502,
    503,
    504
]);
export const passes = (status)=>FOR_NOW.has(status);
export function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (each)=>each.toString(16).padStart(2, "0")).join("");
}
export function askedPause(answer) {
    const told = answer?.headers.get("Retry-After");
    if (!told) return 0;
    const ms = /^\d+$/.test(told) ? Number(told) * 1_000 : Date.parse(told) - Date.now();
    return Math.max(0, ms) || 0;
}
export function ownPause(tries, first, longest) {
    return Math.min(first * 2 ** tries, longest) * (0.5 + Math.random() / 2);
}
export function pause(ms, signal) {
    return new Promise((resolve, reject)=>{
        const stop = ()=>{
            clearTimeout(timer);
            reject(signal.reason);
        };
        const timer = setTimeout(()=>{
            signal.removeEventListener("abort", stop);
            resolve();
        }, ms);
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop, {
            once: true
        });
    });
}
export class Sender {
    #options;
    constructor(options){
        this.#options = options;
    }
    async once(request) {
        const { token, district, fetch = globalThis.fetch } = this.#options;
        if (district) request.headers.set("Tandem-District", district);
        if (token === undefined) return fetch(request);
        const known = typeof token === "string" ? token : await token();
        const answer = await fetch(withToken(request.clone(), known));
        if (answer.status !== 401 || typeof token === "string") return answer;
        const other = await token(known);
        if (other === known) return answer;
        await answer.body?.cancel();
        return fetch(withToken(request, other));
    }
    async send(request) {
        const until = Date.now() + (this.#options.patience ?? 30_000);
        for(let tries = 0;; tries++){
            let answer;
            let failure;
            try {
                answer = await this.once(request.clone());
                if (!passes(answer.status)) return answer;
            } catch (error) {
                if (request.signal.aborted || !(error instanceof TypeError)) throw error;
                failure = error;
            }
            const ms = askedPause(answer) + ownPause(tries, FIRST_PAUSE, LONGEST_PAUSE);
            if (tries + 1 >= TRIES || Date.now() + ms > until) {
                if (answer) return answer;
                throw failure;
            }
            await answer?.body?.cancel();
            await pause(ms, request.signal);
        }
    }
}
function withToken(request, token) {
    request.headers.set("Authorization", `Bearer ${token}`);
    return request;
}
