"""What the ladder reads from files: recognitions (``recognitions``), events (``events``), official lists by name (``lists``)."""

from app.ladder.imports.events import EventImporter
from app.ladder.imports.lists import ListImporter
from app.ladder.imports.recognitions import RecognitionImporter

__all__ = ["EventImporter", "ListImporter", "RecognitionImporter"]
