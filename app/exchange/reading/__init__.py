"""Reading an uploaded file without ever opening it in the calling process.

First the container is checked with the standard library (``container``), then a child process with memory and time limits reads it once and
writes one row file per sheet into a directory of the caller. What comes back is a ``Reading``; a file that cannot be read is refused with a
``Refused`` error (stable code, Chinese sentence that says what to do).

Limits (``Limits``): memory 512 MB and processor time through ``resource`` where the system has it. On Windows there is no such limit: the
child runs under the wall-clock limit only, so there an upload is bounded by time, by the container checks and by the row limit.
"""

from app.exchange.reading.container import Limits, Refused
from app.exchange.reading.runner import MAX_DATA_ROWS, Reading, Sheet, Upload, iter_rows, load_reading, preview, read_upload

__all__ = ["MAX_DATA_ROWS", "Limits", "Reading", "Refused", "Sheet", "Upload", "iter_rows", "load_reading", "preview", "read_upload"]
