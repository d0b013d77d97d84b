"""The cellar: all SQL, and nothing else.

`statement.py` makes statements that cannot leave their environment, `database.py` runs them inside a `Scope`,
`front_door.py` alone makes the `Pass` that opens one. `tables.py` describes the tables; the other rooms hold one noun
each.
"""
