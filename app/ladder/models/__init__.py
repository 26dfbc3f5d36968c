"""Tables of the ladder, one module per subject."""

from app.ladder.models.recognitions import Recognition, TitleCount, TitleCountState

__all__ = ["Recognition", "TitleCount", "TitleCountState"]
