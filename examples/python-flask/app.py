"""The two endpoints of single sign-on in Flask, with the official WorkOS SDK and nothing else."""

import os
import secrets

from flask import Flask, jsonify, redirect, request
from workos import WorkOSClient

PORT = int(os.environ.get("PORT", "5000"))
REDIRECT_URI = f"http://localhost:{PORT}/callback"
ORGANIZATION = os.environ.get("SSO_ORGANIZATION", "org_test_idp")  # the customer's organization

workos = WorkOSClient()  # reads WORKOS_API_KEY, WORKOS_CLIENT_ID and WORKOS_BASE_URL
app = Flask(__name__)


@app.get("/")
def home():
    return '<a href="/auth">Sign in with SSO</a>'


@app.get("/auth")
def auth():
    """Sends the browser to sign in. `state` belongs to this browser alone: nobody can plant their own login."""
    state = secrets.token_urlsafe()
    url = workos.sso.get_authorization_url(organization=ORGANIZATION, redirect_uri=REDIRECT_URI, state=state)
    answer = redirect(url)
    answer.set_cookie("sso_state", state, httponly=True, samesite="Lax", max_age=600)
    return answer


@app.get("/callback")
def callback():
    """The browser is back: swaps the code for the profile of who signed in."""
    if "error" in request.args:
        return jsonify({name: request.args.get(name) for name in ("error", "error_description")}), 400
    state = request.cookies.get("sso_state")
    if not state or request.args.get("state") != state:
        return jsonify({"error": "state_mismatch"}), 400
    profile = workos.sso.get_profile_and_token(code=request.args["code"]).profile
    answer = jsonify(profile.to_dict())  # here your application starts its own session for profile.id
    answer.delete_cookie("sso_state")
    return answer


if __name__ == "__main__":
    app.run(host="localhost", port=PORT)
