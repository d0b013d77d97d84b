// Runs the npm package oidc-provider with the addresses, scopes and ways of an OAuth provider.
// Usage: node oauth_provider.mjs '{"as": "google", "port": 1234, "client": {"client_id", "client_secret",
//                              "redirect_uri"}, "people": {"ann-7": {...}}}', where `as` is google, gitlab or github.
// Google names its own issuer, whatever address it is reached at; GitHub gives no ID token and answers at /api/v3.
// Prints one JSON line when it serves: {"origin"}.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { as, port, client, people } = JSON.parse(process.argv[2]);
const origin = `http://127.0.0.1:${port}`;

const ways = {
  google: {
    issuer: 'https://accounts.google.com',
    routes: { authorization: '/o/oauth2/v2/auth', token: '/token', jwks: '/oauth2/v3/certs' },
    scopes: ['openid', 'profile', 'email'],
    claimsInIdToken: true,
  },
  gitlab: {
    issuer: origin,
    routes: {
      authorization: '/oauth/authorize', token: '/oauth/token', jwks: '/oauth/discovery/keys', userinfo: '/oauth/userinfo',
    },
    scopes: ['openid', 'profile', 'email'],
    claimsInIdToken: false,
  },
  github: {
    issuer: origin,
    routes: { authorization: '/login/oauth/authorize', token: '/login/oauth/access_token' },
    scopes: ['read:user', 'user:email'],
    claimsInIdToken: false,
  },
}[as];

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const provider = new Provider(ways.issuer, {
  clients: [{
    client_id: client.client_id,
    client_secret: client.client_secret,
    redirect_uris: [client.redirect_uri],
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  routes: ways.routes,
  scopes: ways.scopes,
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name', 'hd'] },
  conformIdTokenClaims: !ways.claimsInIdToken,
  pkce: { required: () => true },
  cookies: { keys: [randomBytes(24).toString('base64url')] },
  features: { devInteractions: { enabled: true } },
  jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'today' }] },
  findAccount: (ctx, login) => people[login] && {
    accountId: login,
    claims: async () => ({ sub: login, ...people[login] }),
  },
});
provider.on('server_error', (ctx, error) => console.error(error));
provider.on('grant.error', (ctx, error) => console.error(error.message, error.error_detail));
provider.on('authorization.error', (ctx, error) => console.error(error.message, error.error_detail));

// https://docs.github.com/en/rest/users: what a token may see, and 403 without a User-Agent.
async function github(request, response) {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  };
  if (!request.headers['user-agent']) return answer(403, { message: 'Request forbidden by administrative rules.' });
  const [word, value] = (request.headers.authorization ?? '').split(' ');
  const token = word === 'Bearer' && await provider.AccessToken.find(value);
  if (!token) return answer(401, { message: 'Bad credentials' });
  const person = people[token.accountId];
  if (request.url === '/api/v3/user') {
    return answer(200, { login: token.accountId, id: person.number, name: person.name, email: null });
  }
  if (!token.scope.split(' ').includes('user:email')) return answer(404, { message: 'Not Found' });
  return answer(200, [{ email: person.email, primary: true, verified: person.email_verified, visibility: 'private' }]);
}

const serve = provider.callback();
createServer((request, response) => (
  as === 'github' && request.url.startsWith('/api/v3/') ? github(request, response) : serve(request, response)
)).listen(port, '127.0.0.1', () => console.log(JSON.stringify({ origin })));
