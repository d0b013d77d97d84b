// Signs a person in through an OAuth provider with the official Node SDK, in two steps; prints one JSON report.
// Usage: node oauth_sdk_node.mjs PACKAGE '{"provider", "redirect_uri", "state", "login_hint", "domain_hint", "scopes",
//        "params"}' for an authorization URL, and '{"code"}' for the profile.
const { WorkOS } = await import(process.argv[2]);
const asked = JSON.parse(process.argv[3]);
const base = new URL(process.env.WORKOS_BASE_URL);
const clientId = process.env.WORKOS_CLIENT_ID;
const workos = new WorkOS(process.env.WORKOS_API_KEY, {
  clientId, apiHostname: base.hostname, port: Number(base.port), https: base.protocol === 'https:',
});

if (asked.code === undefined) {
  const url = workos.sso.getAuthorizationUrl({
    clientId,
    provider: asked.provider,
    redirectUri: asked.redirect_uri,
    state: asked.state,
    loginHint: asked.login_hint,
    domainHint: asked.domain_hint,
    providerScopes: asked.scopes,
    providerQueryParams: asked.params,
  });
  console.log(JSON.stringify({ authorization_url: url }));
} else {
  const { profile, accessToken, oauthTokens } = await workos.sso.getProfileAndToken({ code: asked.code, clientId });
  const again = await workos.sso.getProfile({ accessToken });
  console.log(JSON.stringify({
    profile: {
      id: profile.id,
      email: profile.email,
      connection_type: profile.connectionType,
      organization_id: profile.organizationId ?? null,
    },
    again: again.id,
    oauth_tokens: oauthTokens && {
      access_token: oauthTokens.accessToken,
      refresh_token: oauthTokens.refreshToken,
      expires_at: oauthTokens.expiresAt,
      scopes: oauthTokens.scopes,
    },
  }));
}
