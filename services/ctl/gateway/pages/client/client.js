// Generated from clients/typescript/src by `python -m services.ctl.typescript page`.
import createClient from "./openapi-fetch.js";
import { watchCaseload } from "./live.js";
import { Problem } from "./problem.js";
import { newKey, Sender } from "./sending.js";
export function tandem(options = {}) {
    const sender = new Sender(options);
    const baseUrl = (options.baseUrl ?? "").replace(/\/+$/, "");
    const { request } = createClient({
        baseUrl,
        fetch: (each)=>sender.send(each)
    });
    const untyped = request;
    async function call(method, path, asked = {}) {
        const { path: inPath, query, body, ifMatch, key, signal } = asked;
        const headers = headersOf(method, body, ifMatch, key);
        const bodySerializer = body instanceof Blob ? (file)=>file : undefined;
        const { data, error, response } = await untyped(method, path, {
            params: {
                path: inPath,
                query
            },
            headers,
            ...body !== undefined && {
                body
            },
            ...bodySerializer && {
                bodySerializer
            },
            ...signal && {
                signal
            }
        });
        if (!response.ok) throw new Problem(response.status, error);
        const replayed = response.headers.get("Idempotency-Replayed") === "true";
        return {
            data: data,
            etag: response.headers.get("ETag") ?? "",
            replayed,
            response
        };
    }
    async function* list(path, asked = {}) {
        let token = "";
        do {
            const query = {
                ...asked.query,
                ...token && {
                    page_token: token
                }
            };
            const page = (await call("get", path, {
                ...asked,
                query
            })).data;
            const items = Object.values(page).find(Array.isArray);
            yield* items ?? [];
            token = String(page["next_page_token"] ?? "");
        }while (token)
    }
    const by = (method)=>(path, asked)=>call(method, path, asked);
    return {
        get: by("get"),
        post: by("post"),
        put: by("put"),
        patch: by("patch"),
        delete: by("delete"),
        list: list,
        watchCaseload: (watched = {})=>watchCaseload(sender, baseUrl, options.district, watched)
    };
}
function headersOf(method, body, ifMatch, key) {
    if (ifMatch === "") throw new TypeError("ifMatch is empty: the answer before named no ETag");
    return {
        Accept: "application/json",
        ...method !== "get" && {
            "Idempotency-Key": key ?? newKey()
        },
        ...ifMatch !== undefined && {
            "If-Match": ifMatch
        },
        ...body instanceof Blob && {
            "Content-Type": body.type || "application/octet-stream"
        }
    };
}
