"""The few lines that do the same in an application, filled in with this environment's values."""

from __future__ import annotations


def variables(base_url: str, client_id: str) -> str:
    return f"""\
WORKOS_BASE_URL={base_url}
WORKOS_API_KEY=sk_test_...
WORKOS_CLIENT_ID={client_id}"""


def flask() -> str:
    return """\
import workos
from flask import Flask, redirect, request

app, sso = Flask(__name__), workos.WorkOSClient().sso


@app.get("/auth")
def auth():
    return redirect(sso.get_authorization_url(
        organization="org_test_idp", redirect_uri="http://localhost:5000/callback"))


@app.get("/callback")
def callback():
    return sso.get_profile_and_token(code=request.args["code"]).profile.to_dict()"""


def express() -> str:
    return """\
import express from "express";
import { WorkOS } from "@workos-inc/node";

const { hostname, port, protocol } = new URL(process.env.WORKOS_BASE_URL);
const clientId = process.env.WORKOS_CLIENT_ID;
const workos = new WorkOS(process.env.WORKOS_API_KEY, {
  clientId, apiHostname: hostname, port: Number(port) || undefined, https: protocol === "https:",
});
const app = express();

app.get("/auth", (_, res) => res.redirect(workos.sso.getAuthorizationUrl({
  organization: "org_test_idp", redirectUri: "http://localhost:3000/callback", clientId })));

app.get("/callback", async (req, res) => {
  const { profile } = await workos.sso.getProfileAndToken({ code: req.query.code, clientId });
  res.json(profile);
});

app.listen(3000);"""
