"""The door for the customer's back end: the management API in the WorkOS shapes."""
