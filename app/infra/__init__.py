"""Technical ground: database, clock, audit, outbox, files, jobs, sessions' web side. Knows no capability."""
