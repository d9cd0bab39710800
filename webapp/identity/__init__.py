"""Who signs in: passwords, lock-out, logins that end on the server."""
