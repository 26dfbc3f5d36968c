"""Who is there today: people that may sign in, with the posts they hold."""

from app.identity.queries.present import everybody_present
from app.reminders.rules.people import Staff, staff


def present() -> Staff:
    """Everybody, by what he stands for."""
    return staff((person.user_id, person.organisation_id, person.posts) for person in everybody_present())

