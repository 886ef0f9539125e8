// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
import { placed } from "./places.js";
const MOST = 1_000;
export function canShare() {
    return typeof BroadcastChannel === "function" && Boolean(globalThis.navigator?.locks);
}
class Known {
    place = "";
    reset;
    order;
    entries = new Map();
    places = [];
    get size() {
        return this.entries.size;
    }
    take(live) {
        this.place = live.id || this.place;
        if (live.event === "reset") {
            this.reset = live;
            this.order = undefined;
            this.entries.clear();
            this.places = [];
        } else if (live.event === "entry") {
            this.entries.set(live.data.entry.teacher_id, live);
            this.places = placed(this.places, live.data);
        } else if (live.event === "gone") {
            this.entries.delete(live.data.teacher_id);
            this.places = this.places.filter((each)=>each !== live.data.teacher_id);
        } else if (live.event === "order") {
            this.order = live;
            this.places = live.data.teacher_ids;
        }
    }
    whole() {
        if (!this.reset) return [];
        const { order } = this;
        const entries = this.places.flatMap((each)=>this.entries.get(each) ?? []);
        const teacher_ids = entries.map(({ data })=>data.entry.teacher_id);
        const whole = entries.map((each, at)=>{
            return {
                ...each,
                data: {
                    ...each.data,
                    after_teacher_id: teacher_ids[at - 1] ?? null
                }
            };
        });
        const reset = {
            ...this.reset,
            data: {
                ...this.reset.data,
                entries: whole.length
            }
        };
        if (!order) return [
            reset,
            ...whole
        ];
        return [
            reset,
            ...whole,
            {
                ...order,
                data: {
                    ...order.data,
                    teacher_ids
                }
            }
        ];
    }
}
export async function* shared(name, open, signal, onPause) {
    const me = crypto.randomUUID();
    const channel = new BroadcastChannel(name);
    const known = new Known();
    const leaving = new AbortController();
    let waiting = [];
    let [from, at] = [
        "",
        0
    ];
    let [reads, asked, over] = [
        false,
        false,
        false
    ];
    let failed;
    let wake = ()=>undefined;
    const tell = (told)=>channel.postMessage({
            from: me,
            at,
            ...told
        });
    const take = (live)=>{
        known.take(live);
        waiting.push(live);
        if (waiting.length > MOST + known.size) waiting = known.whole();
        wake();
    };
    const ask = ()=>{
        if (!asked) channel.postMessage({
            want: me
        });
        asked = true;
    };
    channel.onmessage = ({ data })=>{
        if (over || leaving.signal.aborted) return;
        if ("want" in data) {
            if (reads) tell({
                to: data.want,
                place: known.place,
                whole: known.whole()
            });
        } else if (reads) return;
        else if ("begins" in data) {
            [from, at, asked] = [
                data.from,
                0,
                false
            ];
            if (data.begins !== known.place) ask();
        } else if ("pause" in data) onPause?.(data.pause, undefined);
        else if ("to" in data) {
            if (data.to !== me) return;
            [from, at, asked] = [
                data.from,
                data.at,
                false
            ];
            if (data.whole.length) waiting = [];
            for (const live of data.whole)take(live);
            known.place = data.place || known.place;
        } else if (asked) return;
        else if (data.from === from && data.at === at + 1) {
            at += 1;
            take(data.live);
        } else ask();
    };
    const read = async ()=>{
        [reads, at] = [
            true,
            0
        ];
        tell({
            begins: known.place
        });
        const paused = (ms, why)=>{
            tell({
                pause: ms
            });
            onPause?.(ms, why);
        };
        for await (const live of open(known.place, leaving.signal, paused)){
            if (leaving.signal.aborted) return;
            at += 1;
            take(live);
            tell({
                live
            });
        }
    };
    const leave = ()=>leaving.abort();
    signal?.addEventListener("abort", leave, {
        once: true
    });
    if (signal?.aborted) leave();
    const reading = navigator.locks.request(name, {
        signal: leaving.signal
    }, read).catch((error)=>failed = error).finally(()=>{
        over = true;
        wake();
    });
    try {
        ask();
        for(;;){
            for(let live = waiting.shift(); live; live = waiting.shift()){
                yield live;
                if (signal?.aborted) return;
            }
            if (over && failed !== undefined && !signal?.aborted) throw failed;
            if (over) return;
            await new Promise((resolve)=>wake = resolve);
        }
    } finally{
        leave();
        await reading;
        signal?.removeEventListener("abort", leave);
        channel.close();
    }
}
