"""Trials: one command each, minutes long, against real processes and databases; not collected by pytest. Figures stand in docs/reliability.md."""
