"""The command line: one module a command, `app.cli.main` reads the arguments and turns errors into exit codes."""
