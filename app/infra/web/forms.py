"""Base of all forms: CSRF from Flask-WTF, standard messages of WTForms in Chinese."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from wtforms import IntegerField
from wtforms.meta import DefaultMeta

INTEGER_LIMIT = 2**31
"""First whole number an INTEGER column cannot hold."""


class Form(FlaskForm):  # type: ignore[misc]
    """Subclass this instead of FlaskForm: "Not a valid choice" then reads 无效的选择 without writing it at every field."""

    catch_all = ""
    """The field that shows a domain error of no field (default: the first one a person sees)."""
    error_fields: Mapping[str, str] = {}
    """Names that actions use for fields of another name here."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        locales = ("zh",)

        def get_translations(self, form: Any) -> Any:
            """WTForms' own catalogue (Flask-WTF would ask Flask-Babel, which we do not carry)."""
            return DefaultMeta.get_translations(self, form)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """A JSON body is no form: its values may be objects, which no field can read. It is answered like an empty form."""
            if formdata is _Auto and request and request.is_json:
                return None
            return super().wrap_formdata(form, formdata)

    def put_error(self, field: str | None, message: str) -> None:
        """A domain error on the field it belongs to."""
        wanted = (self.error_fields.get(field or "", field), self.catch_all)
        shown = [one.name for one in self if one.type not in ("HiddenField", "CSRFTokenField")]
        name = next(name for name in (*wanted, *shown, *self._fields) if name in self._fields)
        self[name].errors = [*self[name].errors, message]


class WholeNumber(IntegerField):  # type: ignore[misc]
    """An integer the database can hold; longer ones are refused in words (Python reads any number of digits, floats and columns do not)."""

    data: int | None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) >= INTEGER_LIMIT:
            self.data = None
            raise ValueError("数字太大，请核对。")
