"""Metadata documents in the shapes that identity providers publish, written for these tests with keys of ours."""

from __future__ import annotations

import textwrap

from latchstring.protocols.saml import certificates, names
from tests.protocols.saml.answers import Key, pair

MD, DS, SAMLP = names.MD, names.DS, names.SAMLP
REDIRECT, POST = names.REDIRECT_BINDING, names.POST_BINDING
SOAP = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"


def lines(kind: Key, width: int = 64) -> str:
    """A certificate as many products write it: in lines, and indented."""
    return "\n              ".join(textwrap.wrap(certificates.bare(pair(kind).certificate), width))


def bare(kind: Key) -> str:
    return certificates.bare(pair(kind).certificate)


OKTA = f"""<?xml version="1.0" encoding="UTF-8"?><md:EntityDescriptor entityID="http://www.okta.example/exk1fcia6d6EMsf331d8"
 xmlns:md="{MD}"><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{SAMLP}">
<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>
              {lines("rsa")}
</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:NameIDFormat>{names.FORMAT_UNSPECIFIED}</md:NameIDFormat><md:NameIDFormat>{names.FORMAT_EMAIL}</md:NameIDFormat>
<md:SingleSignOnService Binding="{POST}" Location="https://acme.okta.example/app/acme_app_1/exk1/sso/saml"/>
<md:SingleSignOnService Binding="{REDIRECT}" Location="https://acme.okta.example/app/acme_app_1/exk1/sso/saml"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""

# A signature on top, WS-Federation roles before the SAML role, the default namespace, a byte order mark.
ENTRA = f"""\ufeff<?xml version="1.0" encoding="utf-8"?>
<EntityDescriptor ID="_5b1c" entityID="https://sts.windows.example/8d2c/" xmlns="{MD}">
<Signature xmlns="{DS}"><SignedInfo><Reference URI="#_5b1c"/></SignedInfo><SignatureValue>AAAA</SignatureValue>
<KeyInfo><X509Data><X509Certificate>{bare("other")}</X509Certificate></X509Data></KeyInfo></Signature>
<RoleDescriptor xsi:type="fed:SecurityTokenServiceType" xmlns:xsi="{names.XSI}"
 protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706"
 xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">
<KeyDescriptor use="signing"><KeyInfo xmlns="{DS}">
<X509Data><X509Certificate>{bare("other")}</X509Certificate></X509Data>
</KeyInfo></KeyDescriptor></RoleDescriptor>
<IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">
<KeyDescriptor use="signing"><KeyInfo xmlns="{DS}"><X509Data><X509Certificate>{bare("rsa")}</X509Certificate></X509Data>
</KeyInfo></KeyDescriptor>
<KeyDescriptor use="signing"><KeyInfo xmlns="{DS}">
<X509Data><X509Certificate>{bare("expired")}</X509Certificate></X509Data>
</KeyInfo></KeyDescriptor>
<SingleLogoutService Binding="{REDIRECT}" Location="https://login.microsoftonline.example/8d2c/saml2"/>
<SingleSignOnService Binding="{REDIRECT}" Location="https://login.microsoftonline.example/8d2c/saml2"/>
<SingleSignOnService Binding="{POST}" Location="https://login.microsoftonline.example/8d2c/saml2"/>
</IDPSSODescriptor></EntityDescriptor>"""

# Both sides in one document, keys for encryption beside those for signatures, an artifact and a SOAP service.
ADFS = f"""<EntityDescriptor ID="_7a" entityID="http://adfs.example.com/adfs/services/trust" xmlns="{MD}">
<SPSSODescriptor WantAssertionsSigned="true" protocolSupportEnumeration="{SAMLP}">
<KeyDescriptor use="signing"><KeyInfo xmlns="{DS}">
<X509Data><X509Certificate>{bare("other")}</X509Certificate></X509Data>
</KeyInfo></KeyDescriptor>
<AssertionConsumerService Binding="{POST}" Location="https://adfs.example.com/adfs/ls/" index="0" isDefault="true"/>
</SPSSODescriptor>
<IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">
<KeyDescriptor use="encryption"><KeyInfo xmlns="{DS}"><X509Data><X509Certificate>{bare("other")}</X509Certificate>
</X509Data></KeyInfo></KeyDescriptor>
<KeyDescriptor use="signing"><KeyInfo xmlns="{DS}"><X509Data><X509Certificate>{bare("rsa")}</X509Certificate></X509Data>
</KeyInfo></KeyDescriptor>
<ArtifactResolutionService Binding="{SOAP}" Location="https://adfs.example.com/adfs/services/trust/artifact" index="0"/>
<NameIDFormat>{names.FORMAT_EMAIL}</NameIDFormat><NameIDFormat>{names.FORMAT_PERSISTENT}</NameIDFormat>
<NameIDFormat>{names.FORMAT_TRANSIENT}</NameIDFormat>
<SingleSignOnService Binding="{REDIRECT}" Location="https://adfs.example.com/adfs/ls/"/>
<SingleSignOnService Binding="{POST}" Location="https://adfs.example.com/adfs/ls/"/>
<Attribute Name="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress" xmlns="{names.SAML}"/>
</IDPSSODescriptor></EntityDescriptor>"""

# One key named, an endpoint for each binding, requests wanted signed.
KEYCLOAK = f"""<md:EntityDescriptor xmlns="{MD}" xmlns:md="{MD}" xmlns:saml="{names.SAML}" xmlns:ds="{DS}"
 entityID="https://keycloak.example.com/realms/acme">
<md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="{SAMLP}">
<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:KeyName>FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE</ds:KeyName>
<ds:X509Data><ds:X509Certificate>{bare("rsa")}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:ArtifactResolutionService Binding="{SOAP}" Location="https://keycloak.example.com/realms/acme/resolve" index="0"/>
<md:SingleLogoutService Binding="{POST}" Location="https://keycloak.example.com/realms/acme/protocol/saml"/>
<md:NameIDFormat>{names.FORMAT_PERSISTENT}</md:NameIDFormat>
<md:SingleSignOnService Binding="{POST}" Location="https://keycloak.example.com/realms/acme/protocol/saml"/>
<md:SingleSignOnService Binding="{REDIRECT}" Location="https://keycloak.example.com/realms/acme/protocol/saml"/>
<md:SingleSignOnService Binding="{SOAP}" Location="https://keycloak.example.com/realms/acme/protocol/saml"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""

# Alone in an EntitiesDescriptor, as older Keycloaks and federations publish it.
KEYCLOAK_OLD = f"""<EntitiesDescriptor Name="urn:keycloak" xmlns="{MD}" xmlns:dsig="{DS}">
<EntityDescriptor entityID="https://old.example.com/auth/realms/acme">
<IDPSSODescriptor WantAuthnRequestsSigned="1" protocolSupportEnumeration="{SAMLP}">
<KeyDescriptor use="signing"><dsig:KeyInfo><dsig:X509Data>
<dsig:X509Certificate>{lines("rsa", 76)}</dsig:X509Certificate></dsig:X509Data></dsig:KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="{POST}" Location="https://old.example.com/auth/realms/acme/protocol/saml"/>
</IDPSSODescriptor></EntityDescriptor></EntitiesDescriptor>"""

# Only Redirect, one certificate for both uses said twice, a contact.
SIMPLESAMLPHP = f"""<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="{MD}" xmlns:ds="{DS}" entityID="https://login.example.edu/simplesaml/saml2/idp/metadata.php">
  <md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{bare("rsa")}</ds:X509Certificate>
    </ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{bare("rsa")}</ds:X509Certificate>
    </ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleLogoutService Binding="{REDIRECT}" Location="https://login.example.edu/simplesaml/SingleLogoutService.php"/>
    <md:NameIDFormat>{names.FORMAT_TRANSIENT}</md:NameIDFormat>
    <md:SingleSignOnService Binding="{REDIRECT}" Location="https://login.example.edu/simplesaml/SSOService.php"/>
  </md:IDPSSODescriptor>
  <md:ContactPerson contactType="technical"><md:GivenName>Administrator</md:GivenName>
    <md:EmailAddress>mailto:na@example.org</md:EmailAddress></md:ContactPerson>
</md:EntityDescriptor>
"""

# SAML 1.1 beside 2.0, extensions with scopes and logos, KeyDescriptors without a use, comments, an AttributeAuthority.
SHIBBOLETH = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- This is example metadata only. Do *NOT* supply it as is without review. -->
<EntityDescriptor xmlns="{MD}" xmlns:ds="{DS}" xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" xmlns:xml="http://www.w3.org/XML/1998/namespace"
 xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui" validUntil="2031-05-06T07:08:09.123Z" entityID="https://idp.example.edu/idp/shibboleth">
  <IDPSSODescriptor protocolSupportEnumeration="{SAMLP} urn:oasis:names:tc:SAML:1.1:protocol urn:mace:shibboleth:1.0">
    <Extensions><shibmd:Scope regexp="false">example.edu</shibmd:Scope>
      <mdui:UIInfo><mdui:DisplayName xml:lang="en">An &amp; Example</mdui:DisplayName></mdui:UIInfo></Extensions>
    <!-- First signing certificate is BackChannel, the second is FrontChannel -->
    <KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
              {lines("ec256")}
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
    <KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
              {lines("rsa")}
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
    <KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
              {lines("other")}
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
    <NameIDFormat>
      {names.FORMAT_TRANSIENT}
    </NameIDFormat>
    <SingleSignOnService Binding="urn:mace:shibboleth:1.0:profiles:AuthnRequest"
      Location="https://idp.example.edu/idp/profile/Shibboleth/SSO"/>
    <SingleSignOnService Binding="{POST}" Location="https://idp.example.edu/idp/profile/SAML2/POST/SSO"/>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST-SimpleSign"
      Location="https://idp.example.edu/idp/profile/SAML2/POST-SimpleSign/SSO"/>
    <SingleSignOnService Binding="{REDIRECT}" Location=" https://idp.example.edu/idp/profile/SAML2/Redirect/SSO "/>
  </IDPSSODescriptor>
  <AttributeAuthorityDescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol"/>
</EntityDescriptor>"""

# A query in the address, as the Google Admin console gives it.
GOOGLE = f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<md:EntityDescriptor xmlns:md="{MD}" entityID="https://accounts.google.example/o/saml2?idpid=C01abc"
 validUntil="2030-01-01T00:00:00.000Z">
<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{SAMLP}">
<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>{lines("rsa")}
</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:NameIDFormat>{names.FORMAT_EMAIL}</md:NameIDFormat>
<md:SingleSignOnService Binding="{REDIRECT}" Location="https://accounts.google.example/o/saml2/idp?idpid=C01abc&amp;x=1"/>
<md:SingleSignOnService Binding="{POST}" Location="https://accounts.google.example/o/saml2/idp?idpid=C01abc&amp;x=1"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""
