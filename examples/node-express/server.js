// The two endpoints of single sign-on, with the official WorkOS SDK and nothing else.
import { randomUUID } from 'node:crypto';
import express from 'express';
import { WorkOS } from '@workos-inc/node';

const port = Number(process.env.PORT ?? 3000);
const redirectUri = `http://localhost:${port}/callback`;
const organization = process.env.SSO_ORGANIZATION ?? 'org_test_idp'; // the customer's organization

const base = new URL(process.env.WORKOS_BASE_URL ?? 'https://api.workos.com');
const workos = new WorkOS(process.env.WORKOS_API_KEY, {
  clientId: process.env.WORKOS_CLIENT_ID,
  apiHostname: base.hostname,
  port: base.port ? Number(base.port) : undefined,
  https: base.protocol === 'https:',
});

const app = express();

app.get('/', (req, res) => {
  res.send('<a href="/auth">Sign in with SSO</a>');
});

// 1. Send the browser to sign in. `state` belongs to this browser alone, so that nobody can plant their own login.
app.get('/auth', (req, res) => {
  const state = randomUUID();
  const authorizationUrl = workos.sso.getAuthorizationUrl({
    clientId: process.env.WORKOS_CLIENT_ID,
    redirectUri,
    organization,
    state,
  });
  res.cookie('sso_state', state, { httpOnly: true, sameSite: 'lax', maxAge: 600_000 });
  res.redirect(authorizationUrl);
});

// 2. The browser is back: swap the code for the profile of who signed in.
app.get('/callback', async (req, res) => {
  const { code, state, error, error_description: description } = req.query;
  if (error) {
    res.status(400).json({ error, error_description: description });
    return;
  }
  const cookies = (req.headers.cookie ?? '').split('; ');
  if (!state || !cookies.includes(`sso_state=${state}`)) {
    res.status(400).json({ error: 'state_mismatch' });
    return;
  }
  const { profile } = await workos.sso.getProfileAndToken({ code, clientId: process.env.WORKOS_CLIENT_ID });
  res.clearCookie('sso_state');
  res.json(profile); // here your application starts its own session for profile.id
});

app.listen(port, () => console.log(`Open http://localhost:${port}`));
