// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
export async function* events(body, signal, heard) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let [text, event, id] = [
        "",
        "",
        ""
    ];
    let data = [];
    const stop = ()=>void reader.cancel(signal.reason).catch(()=>undefined);
    signal.addEventListener("abort", stop, {
        once: true
    });
    try {
        for(;;){
            const { value, done } = await reader.read();
            if (done) return;
            heard();
            text += value;
            const lines = text.split(/\r\n|\n|\r(?!$)/);
            text = lines.pop() ?? "";
            for (const line of lines){
                const [, field, told] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
                if (line === "") {
                    if (data.length) yield {
                        event,
                        id,
                        data: data.join("\n")
                    };
                    [event, data] = [
                        "",
                        []
                    ];
                } else if (field === "data") data.push(told ?? "");
                else if (field === "event") event = told ?? "";
                else if (field === "id") id = told ?? "";
            }
        }
    } finally{
        signal.removeEventListener("abort", stop);
        await reader.cancel().catch(()=>undefined);
    }
}
