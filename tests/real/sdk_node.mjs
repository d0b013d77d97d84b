// Does with the official Node SDK what applications do with it, and prints one JSON report.
// Usage: node sdk_node.mjs PACKAGE '{"do": STEP, ...}', where STEP is one of
//   begin        {organization, redirect_uri, state}           an authorization URL
//   everything   {code, organization, connection, doomed, domain}
//   called_back  {query, by, redirect_uri}                     what stands behind an application's redirect URI
//   swap         {code, key}                                   what the token endpoint refuses
//   show         {access_token}                                the same for the profile
//   sign_out     {profile_id}                                  a link for the browser
//   portal       {organization, email}                         a link for the IT admin, and IT contacts
//   portal_link  {organization, intent, return_url, success_url}   for the customer's IT admin
// The connection named by `doomed` is deleted.
import { readFileSync } from 'node:fs';

const { WorkOS } = await import(process.argv[2]);
const { version } = JSON.parse(readFileSync(new URL(`node_modules/${process.argv[2]}/package.json`, import.meta.url)));
const asked = JSON.parse(process.argv[3]);
const base = new URL(process.env.WORKOS_BASE_URL);
const clientId = process.env.WORKOS_CLIENT_ID;

const client = (key) => new WorkOS(key, {
  clientId,
  apiHostname: base.hostname,
  port: base.port ? Number(base.port) : undefined,
  https: base.protocol === 'https:',
});
const workos = client(process.env.WORKOS_API_KEY);

const snake = (name) => name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase());
const plain = (object) => Object.fromEntries(Object.entries(object).map(([name, value]) => [snake(name), value]));
const ids = (list) => list.data.map((item) => item.id);

// What a call throws, in words that are the same for every SDK.
async function failure(call) {
  try {
    await call();
  } catch (error) {
    return {
      class: error.constructor.name,
      status: error.status,
      message: error.message,
      code: error.code ?? null,
      error: error.error ?? null,
      error_description: error.errorDescription ?? null,
      request_id: error.requestID ?? error.requestId ?? null,
    };
  }
  return null;
}

async function signedIn(code) {
  const { profile, accessToken } = await workos.sso.getProfileAndToken({ code, clientId });
  return {
    access_token: accessToken,
    profile: plain(profile),
    profile_again: plain(await workos.sso.getProfile({ accessToken })),
  };
}

async function connections() {
  const got = await workos.sso.getConnection(asked.connection);
  const report = {
    got: { id: got.id, name: got.name, state: got.state, type: got.type ?? got.connectionType },
    listed: ids(await workos.sso.listConnections()),
    of_organization: ids(await workos.sso.listConnections({ organizationId: asked.organization })),
    of_type: ids(await workos.sso.listConnections({ connectionType: 'OktaSAML' })),
  };
  await workos.sso.deleteConnection(asked.doomed);
  return { ...report, deleted: await failure(() => workos.sso.getConnection(asked.doomed)) };
}

async function organizations() {
  const domainData = [{ domain: asked.domain, state: 'verified' }];
  const externalId = asked.domain;
  const made = await workos.organizations.createOrganization({ name: 'Made by Node', domainData, externalId });
  const got = await workos.organizations.getOrganizationByExternalId(externalId);
  const changed = await workos.organizations.updateOrganization({ organization: made.id, name: 'Renamed by Node' });
  const listed = ids(await workos.organizations.listOrganizations({ domains: [asked.domain] }));
  await workos.organizations.deleteOrganization(made.id);
  return {
    made: { id: made.id, name: made.name, domains: made.domains.map((one) => [one.domain, one.state]) },
    got: got.name,
    changed: changed.name,
    listed,
    deleted: await failure(() => workos.organizations.getOrganization(made.id)),
  };
}

async function organizationDomains() {
  const name = `waits.${asked.domain}`;
  const domainData = [{ domain: name, state: 'pending' }];
  const organization = await workos.organizations.createOrganization({ name: 'Domains', domainData });
  const changed = await workos.organizations.updateOrganization({
    organization: organization.id, domainData: [{ domain: name, state: 'verified' }],
  });
  const of = workos.organizationDomains;
  const call = (verb, asked) => (of[verb] ?? of[`${verb}OrganizationDomain`]).call(of, asked); // two majors, two names
  const made = await call('create', { organizationId: organization.id, domain: `more.${name}` });
  const got = await call('get', made.id);
  const looked = await call('verify', made.id);
  const again = await failure(() => call('create', { organizationId: organization.id, domain: name }));
  const proven = await failure(() => call('verify', changed.domains[0].id));
  await call('delete', made.id);
  const report = {
    changed: changed.domains.map((one) => [one.domain, one.state]),
    same: changed.domains[0].id === organization.domains[0].id,
    made: [got.domain, got.state],
    record: [Boolean(got.verificationToken), Boolean(got.verificationPrefix ?? got.verificationToken)],
    looked: [looked.id === made.id, looked.state],
    again: again.status,
    proven: proven.status,
    deleted: (await failure(() => call('get', made.id))).status,
  };
  await workos.organizations.deleteOrganization(organization.id);
  return report;
}

async function errors() {
  return {
    not_found: await failure(() => workos.sso.getConnection('conn_00000000000000000000000000')),
    unauthorized: await failure(() => client('sk_test_wrong').organizations.listOrganizations()),
    unprocessable: await failure(() => workos.organizations.createOrganization({ name: '' })),
    bad_code: await failure(() => workos.sso.getProfileAndToken({ code: asked.code, clientId })),
  };
}

const steps = {
  begin: () => ({
    authorization_url: workos.sso.getAuthorizationUrl({
      clientId, organization: asked.organization, redirectUri: asked.redirect_uri, state: asked.state,
    }),
  }),
  everything: async () => ({
    ...(await signedIn(asked.code)),
    connections: await connections(),
    organizations: await organizations(),
    organization_domains: await organizationDomains(),
    errors: await errors(),
  }),
  // Begins anew what began at the identity provider.
  called_back: ({ query, by }) => (query.error === 'idp_initiated_sso_disabled'
    ? {
      redirect: workos.sso.getAuthorizationUrl({
        clientId, [by]: query[`${by}_id`], redirectUri: asked.redirect_uri, state: 'anew',
      }),
    }
    : signedIn(query.code)),
  // A code, with a key that may be somebody else's.
  swap: async ({ code, key }) => ({
    failure: await failure(() => client(key).sso.getProfileAndToken({ code, clientId })),
  }),
  show: async () => ({ failure: await failure(() => workos.sso.getProfile({ accessToken: asked.access_token })) }),
  mail_a_link: async ({ email, redirect_uri, state }) => {
    const made = await workos.passwordless.createSession({ email, type: 'MagicLink', redirectURI: redirect_uri, state });
    return {
      session: plain(made),
      sent: await workos.passwordless.sendSession(made.id),
      unknown: await failure(() => workos.passwordless.sendSession('passwordless_session_00000000000000000000000000')),
      wrong: await failure(() => workos.passwordless.createSession({ email: 'nobody', type: 'MagicLink' })),
    };
  },
  portal: async () => {
    const api = workos.adminPortal ?? workos.portal;
    const { organization } = asked;
    const report = {
      link: (await api.generateLink({
        organization, intent: 'sso', returnUrl: 'https://app.example/back', successUrl: 'https://app.example/done',
      })).link,
      unknown: await failure(() => api.generateLink({ organization: 'bogus-id', intent: 'sso' })),
      not_offered: await failure(() => api.generateLink({ organization, intent: 'dsync' })),
    };
    const people = workos.organizations;
    if (!people.createItContact) return report;
    const made = await people.createItContact({ organizationId: organization, email: asked.email });
    const one = { organizationId: organization, contactId: made.id };
    await people.inviteItContact({ ...one, intents: ['sso'] });
    const again = await failure(() => people.inviteItContact({ ...one, intents: ['sso'] }));
    await people.revokeItContact(one);
    await api.generateLink({ organization, intent: 'sso', adminEmails: [`more.${asked.email}`],
      intentOptions: { sso: { bookmarkSlug: 'hub', providerType: 'GoogleSAML' } } });
    const listed = (await people.listItContacts({ organizationId: organization })).data.map((each) => each.email);
    await people.deleteItContact(one);
    const gone = await failure(() => people.deleteItContact(one));
    return { ...report, contact: made.email, again: again.status, listed, gone: gone.status };
  },
  portal_link: ({ organization, intent, return_url: returnUrl, success_url: successUrl }) => (
    (workos.adminPortal ?? workos.portal).generateLink({ organization, intent, returnUrl, successUrl }) // two names
  ),
  // Node has no word for it up to 11: its own `post` is told what to send.
  sign_out: async () => {
    let made = {};
    const failed = await failure(async () => {
      ({ data: made } = await workos.post('/sso/logout/authorize', { profile_id: asked.profile_id }));
    });
    return { ...made, failure: failed };
  },
};
console.log(JSON.stringify({ version, ...(await steps[asked.do](asked)) }));
