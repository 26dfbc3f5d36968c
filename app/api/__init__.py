"""JSON API for phones and programs: versioned, same actions and scope as the pages."""
