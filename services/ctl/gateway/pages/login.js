// @ts-check
// Signs in by OpenID Connect: the authorization code flow with PKCE, as with a district's provider.
// Another provider is another `AUTHORITY`; of what is here alone, a stack's people may be named.

const AUTHORITY = `${location.origin}/login`;
const CLIENT = "tandem-page";
const [ASKED, SESSION] = ["tandem.asked", "tandem.session"]; // in the tab's storage

/** @typedef {{ token: string, since: number, until: number, hint: string }} Session */

/** @param {ArrayBuffer | Uint8Array<ArrayBuffer>} bytes */
const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const chance = () => text(crypto.getRandomValues(new Uint8Array(32)));
const here = () => location.origin + location.pathname;

/** @param {string} name */
function kept(name) {
  return JSON.parse(sessionStorage.getItem(name) ?? "null");
}

/** @returns {Promise<Record<"authorization_endpoint" | "token_endpoint" | "issuer", string>>} */
async function provider() {
  return (await fetch(`${AUTHORITY}/.well-known/openid-configuration`)).json();
}

/**
 * Leaves the page; it is loaded again once somebody has signed in.
 * @param {string} hint who, where the provider takes one at her word
 * @returns {Promise<never>}
 */
export async function signIn(hint) {
  const { authorization_endpoint } = await provider();
  const [state, verifier] = [chance(), chance()];
  sessionStorage.setItem(ASKED, JSON.stringify({ state, verifier, hint }));
  const challenge = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const asked = new URLSearchParams({
    response_type: "code", scope: "openid", client_id: CLIENT, redirect_uri: here(), state,
    code_challenge: text(challenge), code_challenge_method: "S256", login_hint: hint,
  });
  location.replace(`${authorization_endpoint}?${asked}`);
  return new Promise(() => {}); // the page is gone
}

/**
 * A token of a partner's program, by client credentials: here any secret is the right one.
 * @param {string} client
 * @param {string[]} asked the scopes
 */
export async function programToken(client, asked) {
  const { token_endpoint } = await provider();
  const body = new URLSearchParams({
    grant_type: "client_credentials", client_id: client, client_secret: "any", scope: asked.join(" "),
  });
  const answer = await fetch(token_endpoint, { method: "POST", body });
  const { access_token: token, scope, error } = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${error}`);
  return { token, scopes: scope.split(" ") };
}

/** Who has signed in, and is for a minute more; undefined: nobody. */
export async function signedIn() {
  const told = new URLSearchParams(location.search);
  if (told.has("state")) {
    const asked = kept(ASKED);
    sessionStorage.removeItem(ASKED);
    history.replaceState(null, "", here());
    const { token_endpoint, issuer } = await provider();
    const ours = asked?.state === told.get("state") && told.get("iss") === issuer;
    if (ours && told.has("code")) await redeem(token_endpoint, told.get("code") ?? "", asked);
  }
  const session = /** @type {Session | null} */ (kept(SESSION));
  return session && session.until - 60_000 > Date.now() ? session : undefined;
}

/**
 * @param {string} endpoint
 * @param {string} code
 * @param {{ verifier: string, hint: string }} asked
 */
async function redeem(endpoint, code, { verifier, hint }) {
  const body = new URLSearchParams({
    grant_type: "authorization_code", code, client_id: CLIENT, redirect_uri: here(),
    code_verifier: verifier,
  });
  const answer = await fetch(endpoint, { method: "POST", body });
  if (!answer.ok) return;
  const { access_token: token, expires_in } = await answer.json();
  const since = Date.now();
  const until = since + expires_in * 1000;
  sessionStorage.setItem(SESSION, JSON.stringify({ token, since, until, hint }));
}

/**
 * The token of a session, for the client: where it is refused, somebody signs in again, but not
 * where it has just been made.
 * @param {Session} session
 * @returns {(refused?: string) => string | Promise<string>}
 */
export const tokenOf = ({ token, since, hint }) => (refused) =>
  refused && Date.now() - since > 10_000 ? signIn(hint) : token;
