"""The frame all doors share: what came in, what goes out, routes as data, and the async edge."""
