"""Base of all forms: CSRF from Flask-WTF, standard messages of WTForms in Chinese."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms.meta import DefaultMeta


class Form(FlaskForm):  # type: ignore[misc]
    """Subclass this instead of FlaskForm: "Not a valid choice" then reads 无效的选择 without writing it at every field."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        locales = ("zh",)

        def get_translations(self, form: Any) -> Any:
            """WTForms' own catalogue (Flask-WTF would ask Flask-Babel, which we do not carry)."""
            return DefaultMeta.get_translations(self, form)
