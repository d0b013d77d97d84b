// Runs the npm package oidc-provider: dynamic client registration, its own development login pages, a key for each
// algorithm, PKCE required, signed userinfo and encryption for clients that register for them.
// GET /rotate gives it its second set of keys, under new names; clients and people stay.
// POST /people changes its people: {"login": {claim: value}}.
// Usage: node oidc_provider.mjs '{"port": 1234, "host": "127.0.0.1", "conform": true, "people": {...},
//                             "clientSignatures": ["RS256", "ES256"], "logout": true, "forms": true}'
// Prints one JSON line when it serves: {"issuer", "discovery", "registration"}; after that one for each token that is
// revoked and each session that ends: {"event": "access_token.destroyed", "client": "..."}.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { port, host, conform, people, clientSignatures, logout, forms } = JSON.parse(process.argv[2]);
const issuer = `http://${host}:${port}`;

const privateJwk = (type, options, extra) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...extra,
});

const signingKeys = (generation) => [
  privateJwk('rsa', { modulusLength: 2048 }, { alg: 'RS256', kid: `rsa${generation}` }),
  privateJwk('rsa', { modulusLength: 2048 }, { alg: 'PS256', kid: `rsa-pss${generation}` }),
  privateJwk('ec', { namedCurve: 'P-256' }, { alg: 'ES256', kid: `ec${generation}` }),
  privateJwk('ec', { namedCurve: 'P-384' }, { alg: 'ES384', kid: `ec-384${generation}` }),
  privateJwk('ec', { namedCurve: 'P-521' }, { alg: 'ES512', kid: `ec-521${generation}` }),
  privateJwk('ed25519', {}, { alg: 'EdDSA', kid: `ed${generation}` }),
];
const signatures = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const encryptions = ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW'];
const contents = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'];
const cookieKeys = [randomBytes(24).toString('base64url')];

// One memory for both sets of keys; it forgets nothing, for no run is long enough to need that.
const memory = new Map();
class Memory {
  constructor(model) { this.model = model; }

  key(id) { return `${this.model}:${id}`; }

  async find(id) { return memory.get(this.key(id)); }

  async findByUid(uid) { return [...memory.values()].find((each) => each.kind === this.model && each.uid === uid); }

  async upsert(id, payload) { memory.set(this.key(id), payload); }

  async consume(id) { memory.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }

  async destroy(id) { memory.delete(this.key(id)); }

  async revokeByGrantId(grantId) {
    [...memory].forEach(([key, payload]) => payload.grantId === grantId && memory.delete(key));
  }
}

const make = (generation) => new Provider(issuer, {
  // true: claims of scopes are in userinfo alone; false: in the ID token as well.
  conformIdTokenClaims: conform,
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name', 'groups'],
  },
  adapter: Memory,
  // It takes forms at its endpoints for browsers only if its cookies come along with them.
  enableHttpPostMethods: forms,
  cookies: { keys: cookieKeys, long: { sameSite: forms ? 'none' : 'lax' } },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  enabledJWA: {
    clientAuthSigningAlgValues: clientSignatures,
    idTokenSigningAlgValues: signatures,
    idTokenEncryptionAlgValues: encryptions,
    idTokenEncryptionEncValues: contents,
    userinfoSigningAlgValues: signatures,
    userinfoEncryptionAlgValues: encryptions,
    userinfoEncryptionEncValues: contents,
  },
  pkce: { required: () => true },
  // Its own rule is to fetch no client's keys from this machine, where ours are: without its dispatcher it may.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  features: {
    devInteractions: { enabled: true },
    encryption: { enabled: true },
    jwtUserinfo: { enabled: true },
    registration: { enabled: true },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: false },
    revocation: { enabled: logout },
    rpInitiatedLogout: { enabled: logout },
  },
  jwks: { keys: signingKeys(generation) },
  findAccount: (ctx, login) => people[login] && {
    accountId: login,
    claims: async () => ({ sub: login, ...people[login] }),
  },
});

const tell = (event, client) => console.log(JSON.stringify({ event, client }));
const [before, after] = ['', '-2'].map((generation) => {
  const provider = make(generation);
  provider.on('server_error', (ctx, error) => console.error(error));
  provider.on('access_token.destroyed', ({ clientId }) => tell('access_token.destroyed', clientId));
  provider.on('end_session.success', (ctx) => tell('end_session.success', ctx.oidc.client?.clientId));
  provider.on('grant.error', (ctx, error) => console.error(error.message, error.error_detail));
  return provider.callback();
});
let serve = before;

createServer(async (request, response) => {
  if (request.url === '/people') {
    const parts = [];
    for await (const part of request) parts.push(part);
    Object.assign(people, JSON.parse(Buffer.concat(parts).toString()));
    return response.end('changed');
  }
  if (request.url !== '/rotate') return serve(request, response);
  serve = after;
  return response.end('rotated');
}).listen(port, '127.0.0.1', () => {
  console.log(JSON.stringify({
    issuer,
    discovery: `${issuer}/.well-known/openid-configuration`,
    registration: `${issuer}/reg`,
  }));
});
