"""A small application with users of its own: whoever signs in for the first time becomes one."""

import os
import secrets
import sqlite3

from flask import Flask, jsonify, redirect, request
from users import SCHEMA, SignInRefused, sign_in
from workos import WorkOSClient

PORT = int(os.environ.get("PORT", "5001"))
REDIRECT_URI = f"http://localhost:{PORT}/callback"
ORGANIZATION = os.environ.get("SSO_ORGANIZATION", "org_test_idp")

workos = WorkOSClient()  # reads WORKOS_API_KEY, WORKOS_CLIENT_ID and WORKOS_BASE_URL
app = Flask(__name__)


def database() -> sqlite3.Connection:
    opened = sqlite3.connect(os.environ.get("DATABASE", "users.db"))
    opened.executescript(SCHEMA)
    with opened:
        opened.execute(
            "INSERT INTO customers (name, sso_organization) VALUES ('Test Organization', ?) ON CONFLICT DO NOTHING",
            (ORGANIZATION,),
        )
    return opened


@app.get("/")
def home():
    return '<a href="/auth">Sign in with SSO</a>'


@app.get("/auth")
def auth():
    state = secrets.token_urlsafe()
    url = workos.sso.get_authorization_url(organization=ORGANIZATION, redirect_uri=REDIRECT_URI, state=state)
    answer = redirect(url)
    answer.set_cookie("sso_state", state, httponly=True, samesite="Lax", max_age=600)
    return answer


@app.get("/callback")
def callback():
    if "error" in request.args:
        return jsonify({name: request.args.get(name) for name in ("error", "error_description")}), 400
    state = request.cookies.get("sso_state")
    if not state or request.args.get("state") != state:
        return jsonify({"error": "state_mismatch"}), 400
    profile = workos.sso.get_profile_and_token(code=request.args["code"]).profile
    try:
        user = sign_in(database(), workos, profile)
    except SignInRefused as refused:
        return jsonify({"error": str(refused)}), 403
    return jsonify({"user": user, "email": profile.email})  # here your application starts its own session


if __name__ == "__main__":
    app.run(host="localhost", port=PORT)
