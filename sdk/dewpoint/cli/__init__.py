"""The `dewpoint` command: one file per group of commands, each of which asks the client and shows the answer."""
