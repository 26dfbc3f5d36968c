"""Write the workbook of the import benchmark: ROWS new enterprises x 20 columns, clean, over the towns of Liaocheng.

usage: python -m tests.bench.workbook TARGET.xlsx ROWS
"""

import csv
import random
import sys
from pathlib import Path

import xlsxwriter

HEADER = (
    "统一社会信用代码", "企业名称", "所属乡镇", "所属县区", "企业简称", "行业代码", "控股情况", "成立日期", "经营状态", "法定代表人", "主导产品",
    "经营地址", "注册地址", "所在园区", "标签", "联系人", "职务", "联系电话", "填报人", "填报日期",
)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
AREAS = Path(__file__).resolve().parents[2] / "app" / "areas" / "data" / "areas.csv"


def code(number: int) -> str:
    """A valid code of the district 379999 that the demo data does not use (category 92), its organisation part valid as well."""
    digits = ""
    for _ in range(8):
        number, digit = divmod(number, 31)
        digits = ALPHABET[digit] + digits
    total = sum(int(c, 36) * weight for c, weight in zip(digits, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    first = f"92379999{digits}{'0123456789X0'[11 - total % 11]}"
    return first + ALPHABET[-sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first)) % 31]


def main(target: str, rows: int) -> None:
    """Write the file."""
    rng = random.Random(5)
    areas = {r["code"]: r for r in csv.DictReader(AREAS.open(encoding="utf-8-sig"))}
    towns = [(r["name"], areas[r["parent_code"]]["name"]) for r in areas.values()
             if r["parent_code"].startswith("3715") and r["kind"] in ("town", "subdistrict", "township")]
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = book.add_worksheet("企业")
    sheet.write_row(0, 0, HEADER)
    for index in range(rows):
        town, county = rng.choice(towns)
        word = "".join(rng.choice("鑫恒瑞泰华盛宏昌永信德润丰隆") for _ in range(3))
        sheet.write_row(index + 1, 0, (
            code(index + 31**7), f"聊城{word}机械制造有限公司{index}号", town, county, word, "3484", "私人控股", f"20{index % 20 + 3:02d}-05-{index % 28 + 1:02d}", "在业",
            "王伟", "液压油缸", f"{county}{town}工业路{index % 300}号", f"{county}{town}", "高端装备园", "产业链", "李静", "办公室主任",
            f"138{index % 10**8:08d}", "张强", "2026-03-15",
        ))
    book.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
