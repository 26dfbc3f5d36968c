"""The worked example of docs/manual/scoring-example.md, calculated a second way: plain school arithmetic over ten towns, nothing of the engine.

    python -m tests.indicators.by_hand > docs/manual/scoring-example.md
"""

import sys
from collections.abc import Iterator
from fractions import Fraction as F
from statistics import quantiles

TOWNS = ["甲镇", "乙镇", "丙镇", "丁镇", "戊镇", "己镇", "庚街道", "辛街道", "壬街道", "癸乡"]
CODES = [f"37150290{place}" for place in range(10)]
SHARES = {
    "1": "5", "2": "4", "3": "3", "4": "3", "5a": "2.5", "5b": "2.5", "6a": "2.5", "6b": "2.5", "7": "4", "8": "4", "9": "4", "10": "4", "11": "4",
    "12": "4", "13": "3", "14": "3", "15": "4", "16": "4", "17": "3", "18": "4", "19": "5", "20": "4", "21": "4", "22": "4", "23": "5", "24": "4",
    "25": "4",
}
WEIGHTS = {key: F(text) for key, text in SHARES.items()}
GRADED = {"7", "8", "16", "18", "19", "23"}
CONTINUOUS = {"1", "5a", "5b", "6a", "6b", "20", "21"}
VALUES = {
    "1": "320 410.5 505 286 612 450 700 533 375 900", "2": "12 8 20 5 31 16 9 24 11 3", "3": "4 2 7 0 9 5 3 6 2 1", "4": "0 0 1 0 2 0 0 1 0 0",
    "5a": "12.5 8.2 30 4.1 45.6 18.3 22 27.4 9.9 2.6", "5b": "6.5 -3.2 11 130 4.8 -60 8.1 7.7 不适用 2.4",
    "6a": "1.2 0.6 3.5 0.3 5.1 1.9 2.2 2.8 0.7 0.1", "6b": "10 5 22.5 -8 15 0 3.3 18 7.5 不适用", "9": "6 3 11 2 18 7 9 13 4 1",
    "10": "5 2 8 1 12 4 6 9 3 0", "11": "0 0 1 0 3 0 1 2 0 0", "12": "0 0 0 0 1 0 0 0 0 0", "13": "0 0 0 0 0 0 0 0 0 0", "14": "9 4 15 3 22 10 8 17 6 2",
    "15": "7 3 12 2 20 8 6 14 5 1", "17": "1 0 2 0 4 1 1 3 0 0", "20": "38 41.5 36 44 35.2 39 37.1 36.6 42 45", "21": "4.2 1.5 6 -2.3 7.1 3 5 5.5 0 -1",
    "22": "1 0 2 0 2 1 0 1 0 0", "24": "1 1 1 1 1 1 1 1 1 1", "25": "14 6 25 3 40 缺 12 30 8 2",
}
GRADES = {"优": 100, "良": 80, "中": 60, "差": 30}
MARKS = {
    "7": "优优良 中中良 优优优 差差中 优优优 良良良 良优良 优良优 中良中 差差差",
    "8": "良良良 中中中 优良优 差中中 优优优优良 良中良 良良良 优优良良中 中差中 差差中",
    "16": "良良优 良良中 优优优 中中中 优优优 良良良 优优优 优优良 良中良 中中差", "18": "中良良 差中中 优良优 差差差 优优良 中中良 良良良 优良良 中中中 差差中",
    "19": "良良良 中中中 优优良 差中差 优优优 良中良 优良良 优优优 中良中 差差差", "23": "良优良 中良中 优优优 中中差 优优良 良良良 良良优 优良优 中中良 差中差",
}
TARGETS = {
    "1": 600, "2": 20, "3": 6, "4": 1, "5a": 30, "5b": 8, "6a": 3, "6b": 10, "9": 12, "10": 8, "11": 1, "12": 1, "13": 1, "14": 15, "15": 12, "17": 2,
    "20": 36, "21": 5, "22": 1, "24": 1, "25": 20,
}
"""Invented for this example, so that the method of targets can be shown."""
VETO = {"庚街道": "有"}
METHODS = {"hybrid": "推荐方案", "minmax": "极差法", "efficacy": "功效系数法", "rank": "位次法", "target": "目标完成率法"}
Scores = dict[str, list[F | None]]


def raw(key: str) -> list[F | None]:
    """Values as reported; None: missing or not applicable; a graded item: mean of the marks."""
    if key in MARKS:
        return [mean(marks) for marks in MARKS[key].split()]
    return [None if text in ("缺", "不适用") else F(text) for text in VALUES[key].split()]


def mean(marks: str) -> F:
    """From five on without the highest and the lowest."""
    points = sorted(GRADES[mark] for mark in marks)
    if len(points) >= 5:
        points = points[1:-1]
    return F(sum(points), len(points))


def entered(key: str) -> list[F | None]:
    """Growth between -50 and 100; a negative improvement is 0."""
    def one(x: F | None) -> F | None:
        if x is None:
            return None
        if key in ("5b", "6b"):
            return max(F(-50), min(F(100), x))
        return max(F(0), x) if key == "21" else x
    return [one(x) for x in raw(key)]


def known(key: str) -> list[F]:
    return sorted(x for x in entered(key) if x is not None)


def percentile(key: str, p: int) -> F:
    """Type 7 of the values as entered."""
    return quantiles(known(key), n=100, method="inclusive")[p - 1]


def scored(method: str, key: str) -> list[F | None]:
    """0 to 100, town by town."""
    if key in GRADED:
        return raw(key)
    rule = {"hybrid": hybrid, "minmax": minmax, "efficacy": efficacy, "rank": by_rank, "target": by_target}[method]
    everybody = known(key)
    if method != "target" and everybody[0] == everybody[-1]:
        nobody = key not in CONTINUOUS and everybody[0] == 0
        flat = F((60 if method == "efficacy" else 0) if nobody else 100)
        return [None if x is None else flat for x in entered(key)]
    return [None if x is None else rule(key, x) for x in entered(key)]


def clip(x: F) -> F:
    return max(F(0), min(F(1), x))


def along(key: str, x: F, low: F, high: F) -> F:
    """0 at the low bound, 1 at the high one; the other way round for number 20."""
    if low == high:
        return F(int(x > low or (x == low and (key in CONTINUOUS or low != 0))))
    return clip((high - x) / (high - low)) if key == "20" else clip((x - low) / (high - low))


def hybrid(key: str, x: F) -> F:
    if key in CONTINUOUS:
        return 100 * along(key, x, percentile(key, 5), percentile(key, 95))
    goal = percentile(key, 90)
    return F({0: 0, 1: 60, 2: 80}.get(int(x), 100)) if goal < 3 else 100 * min(x / max(goal, F(TARGETS[key])), F(1))


def minmax(key: str, x: F) -> F:
    return 100 * along(key, x, known(key)[0], known(key)[-1])


def efficacy(key: str, x: F) -> F:
    return 60 + 40 * along(key, x, percentile(key, 5), percentile(key, 95))


def by_rank(key: str, x: F) -> F:
    everybody = known(key)
    better = sum(1 for y in everybody if (y < x if key == "20" else y > x))
    place = better + F(1 + everybody.count(x), 2)
    return 100 * (len(everybody) - place) / (len(everybody) - 1)


def by_target(key: str, x: F) -> F:
    goal = F(TARGETS[key])
    return 100 * min((goal / x if key == "20" else max(F(0), x) / goal), F(1))


def weights(town: int) -> dict[str, F]:
    """Where growth does not apply, the amount takes its weight."""
    own = dict(WEIGHTS)
    for growth, amount in (("5b", "5a"), ("6b", "6a")):
        if VALUES[growth].split()[town] == "不适用":
            own[amount] += own[growth]
            own[growth] = F(0)
    return own


def cents(x: F) -> str:
    """Two places, half up."""
    whole = int(x * 100 + F(1, 2))
    return f"{whole // 100}.{whole % 100:02d}"


def totals(method: str) -> list[F | None]:
    table = {key: scored(method, key) for key in WEIGHTS}
    found: list[F | None] = []
    for town in range(10):
        own = weights(town)
        parts = [(table[key][town], own[key]) for key in WEIGHTS if own[key]]
        found.append(None if any(score is None for score, _ in parts) else sum((s * w / 100 for s, w in parts if s is not None), F(0)))
    return found


def ranks(method: str) -> list[int | None]:
    shown = [None if total is None else cents(total) for total in totals(method)]
    able = [place for place in range(10) if shown[place] is not None and TOWNS[place] not in VETO]
    return [1 + sum(float(shown[o] or 0) > float(shown[p] or 0) for o in able) if p in able else None for p in range(10)]


# --- the page


def number(x: F) -> str:
    """At most four places."""
    whole = int(abs(x) * 10_000 + F(1, 2))
    text = f"{whole // 10_000}.{whole % 10_000:04d}".rstrip("0").rstrip(".")
    return f"-{text}" if x < 0 and whole else text


def line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def page() -> Iterator[str]:
    yield from HEAD
    yield from _inputs()
    yield from _references()
    for method, label in METHODS.items():
        yield from _method(method, label)
    yield from _orders()


def _inputs() -> Iterator[str]:
    yield from ("## 一、原值", "", "定性指标写各评审员的等次；“缺”为还没有数据，“不适用”为增速基数过小。", "")
    yield line(["镇街", *WEIGHTS])
    yield line(["---"] * 28)
    for place, town in enumerate(TOWNS):
        yield line([town, *((MARKS[key] if key in MARKS else VALUES[key]).split()[place] for key in WEIGHTS)])
    yield ""


def _references() -> Iterator[str]:
    yield from ("## 二、参照值", "", "先处理原值：5b、6b 限在 -50 至 100 之间（丁镇 130 按 100，己镇 -60 按 -50），21 号负值按 0。再取有数据镇街的参照值。")
    yield "百分位取第 7 种算法：把 n 个值从小到大排好，位置＝1＋（n－1）×百分数，落在两个值之间时按比例取。例：第 1 号 p5 的位置是 1＋9×0.05＝1.45，"
    ordered = known("1")
    yield f"即 {number(ordered[0])}＋0.45×（{number(ordered[1])}－{number(ordered[0])}）＝{number(percentile('1', 5))}。"
    yield ""
    yield line(["指标", "n", "最小", "最大", "p5", "p95", "p90", "目标"])
    yield line(["---"] * 8)
    for key in WEIGHTS:
        if key not in GRADED:
            values = known(key)
            cells = [values[0], values[-1], percentile(key, 5), percentile(key, 95), percentile(key, 90), F(TARGETS[key])]
            yield line([key, str(len(values)), *(number(x) for x in cells)])
    yield ""


def _method(method: str, label: str) -> Iterator[str]:
    yield from (f"## {label}（{method}）", "", *STEPS[method], "", "各项得分（0～100，未乘权重，显示两位小数，计算时不舍入）：", "")
    table = {key: scored(method, key) for key in WEIGHTS}
    yield line(["镇街", *WEIGHTS])
    yield line(["---"] * 28)
    for place, town in enumerate(TOWNS):
        yield line([town, *("—" if (one := table[key][place]) is None else cents(one) for key in WEIGHTS)])
    yield from ("", "得分乘权重（各项显示两位小数，总分由未舍入的数相加后取两位）：", "", line(["镇街", *WEIGHTS, "总分", "名次"]), line(["---"] * 30))
    for place, town in enumerate(TOWNS):
        own, total, rank = weights(place), totals(method)[place], ranks(method)[place]
        points = ["—" if (one := table[key][place]) is None else cents(one * own[key] / 100) for key in WEIGHTS]
        yield line([town, *points, "—" if total is None else cents(total), str(rank or "—")])
    yield ""


def _orders() -> Iterator[str]:
    yield from ("## 各方法的名次", "", line(["镇街", *METHODS.values()]), line(["---"] * 6))
    for place, town in enumerate(TOWNS):
        yield line([town, *(str(ranks(method)[place] or "—") for method in METHODS)])
    yield from ("", "己镇缺第 25 号，不按 0 计，补齐前暂不排名；庚街道有一票否决事项，总分照算，不排名，后面的镇街递补。")


HEAD = (
    "# 强镇计分示例：十个镇街，五种方法", "",
    "本页的数都是编的，用来逐步说明计分办法，可以用计算器复核；自动测试保证系统算出的每个数与本页相同。本页由 `python -m tests.indicators.by_hand`",
    "按小学算术另算一遍生成，不调用系统的计分程序。办法：连续指标为 1、5a、5b、6a、6b、20、21 号，定性指标为 7、8、16、18、19、23 号，其余是个数。", "",
)
STEPS = {
    "hybrid": [
        "- 连续指标：100×（x－p5）÷（p95－p5），不低于 0、不高于 100；第 20 号越低越好，为 100×（p95－x）÷（p95－p5）。",
        f"  例：甲镇第 1 号 100×（320－{number(percentile('1', 5))}）÷（{number(percentile('1', 95))}－{number(percentile('1', 5))}）＝{cents(hybrid('1', F(320)))}。",
        "- 个数：p90 不小于 3 时为 100×x÷max（目标, p90），最高 100；p90 小于 3 时按分档 0 个 0、1 个 60、2 个 80、3 个及以上 100。",
        f"  例：甲镇第 9 号 p90 为 {number(percentile('9', 90))}，目标 12，100×6÷{number(max(percentile('9', 90), F(12)))}＝{cents(hybrid('9', F(6)))}；"
        f"第 17 号 p90 为 {number(percentile('17', 90))}，100×1÷{number(max(percentile('17', 90), F(2)))}＝{cents(hybrid('17', F(1)))}；"
        f"第 4 号 p90 为 {number(percentile('4', 90))}，小于 3，丙镇 1 个得 60。",
        "- 全部镇街相同：第 24 号都是 1 个，都得 100；第 13 号谁都没有，都得起点分 0。",
        "- 定性：优 100、良 80、中 60、差 30，取平均；五人及以上去掉一个最高、一个最低。例：辛街道第 8 号 优优良良中 → 优良良，（100＋80＋80）÷3＝86.67。",
        "- 增速不适用：壬街道 5b 不适用，其 2.5% 并入 5a，5a 按 5% 计；癸乡 6b 同样并入 6a。",
    ],
    "minmax": ["- 定量：100×（x－最小）÷（最大－最小），第 20 号反过来。定性不变。", "  例：甲镇第 1 号 100×（320－286）÷（900－286）＝5.54。"],
    "efficacy": [
        "- 定量：60＋40×（x－p5）÷（p95－p5），限在 60 至 100，第 20 号反过来。定性不变。",
        f"  例：甲镇第 1 号 60＋40×（320－{number(percentile('1', 5))}）÷（{number(percentile('1', 95))}－{number(percentile('1', 5))}）＝"
        f"{cents(efficacy('1', F(320)))}。第 13 号谁都没有，都得起点分 60。",
    ],
    "rank": ["- 定量：100×（n－r）÷（n－1），r 为位次，并列取平均位次。定性不变。", "  例：第 4 号丙镇、辛街道各 1 个并列第 2、3，r＝2.5，100×（10－2.5）÷9＝83.33。"],
    "target": ["- 定量：100×x÷目标，最高 100，负数得 0；第 20 号为 100×目标÷x。定性不变。", "  例：甲镇第 1 号 100×320÷600＝53.33；第 20 号 100×36÷38＝94.74。"],
}

if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
