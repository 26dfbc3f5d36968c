"""The web side of the ground: access marks, errors, security headers, navigation, paging, templates."""
