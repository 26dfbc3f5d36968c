"""Changing: ``collecting`` (deadlines of the capabilities into rows), ``firing`` (what is due speaks), ``saying`` (messages into inboxes and onto
their way), ``delivering`` (one message out of the house), ``handling`` (what people do with their items), ``choosing`` (channels, choices, links)."""
