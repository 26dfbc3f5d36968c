"""导入中心: tabular files in, plans out. Other capabilities register an importer and never open a file themselves.

Serves point "import centre" of the product (Excel and CSV, 100,000 rows, preview before apply, undo).

Public surface of the reading half (pure, no database):

- ``app.exchange.reading.read_upload(path, filename, into)``: container checks, then a limited child process writes row files.
- ``app.exchange.reading.iter_rows(path)``: the stored rows, ``(sheet row number, cells)``.
- ``app.exchange.rules.fields.Field``: what a column may be called and what it holds.
- ``app.exchange.rules.header.choose_sheet`` / ``find_header``: which sheet, which row, which column is what.
- ``app.exchange.rules.values.read_table``: stored rows to typed values, problems and notes.
- ``app.exchange.exports.write_rejected`` / ``write_template``: the sheet with a reason column, the empty form.
"""
