// Runs the npm package oidc-provider: dynamic client registration, its own development login pages, two signing keys.
// Usage: node oidc_provider.mjs '{"port": 1234, "host": "127.0.0.1", "conform": true, "people": {...}}'
// Prints one JSON line when it serves: {"issuer", "discovery", "registration"}.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { port, host, conform, people } = JSON.parse(process.argv[2]);
const issuer = `http://${host}:${port}`;

const privateJwk = (type, options, extra) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...extra,
});

const provider = new Provider(issuer, {
  // true: claims of scopes are in userinfo alone; false: in the ID token as well.
  conformIdTokenClaims: conform,
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name', 'groups'],
  },
  cookies: { keys: [randomBytes(24).toString('base64url')] },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
  features: {
    devInteractions: { enabled: true },
    registration: { enabled: true },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: false },
  },
  jwks: {
    keys: [
      privateJwk('rsa', { modulusLength: 2048 }, { alg: 'RS256', kid: 'rsa' }),
      privateJwk('ec', { namedCurve: 'P-256' }, { alg: 'ES256', kid: 'ec' }),
    ],
  },
  findAccount: (ctx, login) => people[login] && {
    accountId: login,
    claims: async () => ({ sub: login, ...people[login] }),
  },
});

provider.on('server_error', (ctx, error) => console.error(error));

createServer(provider.callback()).listen(port, '127.0.0.1', () => {
  console.log(JSON.stringify({
    issuer,
    discovery: `${issuer}/.well-known/openid-configuration`,
    registration: `${issuer}/reg`,
  }));
});
