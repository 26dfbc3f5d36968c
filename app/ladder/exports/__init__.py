"""Lists of the ladder as workbooks."""

from app.ladder.exports.sheets import XLSX, SheetHead, write_sheet

__all__ = ["XLSX", "SheetHead", "write_sheet"]
