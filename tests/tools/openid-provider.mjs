// A real OpenID Connect provider for the tests, on loopback: whoever types a name is that person.
// node openid-provider.mjs PORT CALLBACK AFTER_LOGOUT
import { Provider } from "oidc-provider";

const [port, callback, afterLogout] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "lianban",
      client_secret: "only-for-tests",
      redirect_uris: [callback],
      post_logout_redirect_uris: [afterLogout],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...(id === "nameless" ? {} : { preferred_username: id }), email: `${id}@example.org` }),
  }),
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ["only-for-tests"] },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
