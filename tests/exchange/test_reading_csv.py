"""Text files: encoding, delimiter and quotes are decided strictly. A wrong guess would be mojibake in the register, so doubt is a refusal."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange.reading import Limits, Reading, Refused, iter_rows, read_upload
from app.exchange.reading.child import Stop
from app.exchange.reading.delimited import decode, find_delimiter
from tests.exchange.workbooks import A

TABLE = f"企业名称,统一社会信用代码,研发费用（万元）\n聊城某某机械制造有限公司,{A},12.5\n茌平信发物流有限公司,,3\n"
ROWS = [
    (1, ["企业名称", "统一社会信用代码", "研发费用（万元）"]),
    (2, ["聊城某某机械制造有限公司", A, "12.5"]),
    (3, ["茌平信发物流有限公司", None, "3"]),
]


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def run(content: bytes, name: str = "a.csv", **limits: int) -> Reading:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return read_upload(path, name, tmp_path / "into", limits=Limits(**limits))

    return run


def rows(reading: Reading) -> list[Any]:
    return list(iter_rows(reading.sheets[0]))


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gbk", "GBK"),
        ("gb18030", "GBK"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_encodings(read: Any, codec: str, name: str) -> None:
    reading = read(TABLE.encode(codec))
    assert rows(reading) == ROWS
    assert (reading.encoding, reading.delimiter, reading.kind) == (name, ",", "csv")


def test_four_byte_gb18030(read: Any) -> None:
    reading = read(TABLE.replace("某某", "𬭊𠀀").encode("gb18030"))
    assert reading.encoding == "GB18030"
    assert rows(reading)[1][1][0] == "聊城𬭊𠀀机械制造有限公司"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(read: Any, end: str) -> None:
    assert rows(read(TABLE.replace("\n", end).encode("gbk"))) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(read: Any, delimiter: str) -> None:
    reading = read(TABLE.replace(",", delimiter).encode())
    assert reading.delimiter == delimiter
    assert rows(reading) == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_sep_line_names_the_delimiter_and_is_no_row(read: Any, end: str) -> None:
    reading = read(("sep=;\n" + TABLE.replace(",", ";")).replace("\n", end).encode("utf-8-sig"))
    assert rows(reading) == ROWS


def test_commas_inside_a_semicolon_file(read: Any) -> None:
    text = "名称;地址;金额\n甲;聊城市,东昌府区,柳园路;1,234\n乙;聊城市,茌平区,振兴路;5,678\n"
    assert rows(read(text.encode()))[1] == (2, ["甲", "聊城市,东昌府区,柳园路", "1,234"])


def test_quotes_line_breaks_blank_lines_and_guards(read: Any) -> None:
    text = '名称,代码,备注\n"甲,""大""",="0371","第一行\n第二行"\n\n乙,\'0123,\n'
    assert rows(read(text.encode())) == [
        (1, ["名称", "代码", "备注"]),
        (2, ['甲,"大"', "0371", "第一行\n第二行"]),
        (4, ["乙", "'0123"]),
    ]


def test_title_lines_above_the_table(read: Any) -> None:
    text = "聊城市企业表,,\n单位：万元,,\n" + TABLE
    assert rows(read(text.encode()))[2] == (3, ROWS[0][1])


def test_one_column_is_still_a_table(read: Any) -> None:
    assert rows(read("企业名称\n甲公司\n".encode())) == [(1, ["企业名称"]), (2, ["甲公司"])]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ((TABLE + "坏\x00行,1,2\n").encode(), "csv_nul"),
        (TABLE.encode() + "茌平某某有限公司,,4\n".encode("gbk"), "csv_mixed_encoding"),
        (TABLE.encode("gbk") + "茌平某某有限公司,,4\n".encode(), "csv_mixed_encoding"),
        (TABLE.encode()[:-6], "csv_cut"),
        (TABLE.encode("utf-8-sig")[:-6], "csv_encoding"),
        (TABLE.encode("utf-16")[:-1], "csv_encoding"),
        ("企業名稱,統一社會信用代碼\n臺灣機械製造股份有限公司,1\n高雄鋼鐵廠,2\n".encode("big5"), "csv_encoding"),
        ("企業名,コード\nトヨタ自動車のカタログ,1\n".encode("shift-jis"), "csv_encoding"),
        ("Société générale,é\nà côté,ü\n".encode("latin-1"), "csv_encoding"),
        (b"\xff\x81\x20\xff,\xfe\n" * 5, "csv_encoding"),
        ('名称,备注\n甲,"没有结束\n乙,1\n'.encode(), "csv_open_quote"),
        ('名称,代码,备注\n甲,1,"没有结束\n乙,2,x\n丙,3,"y"\n'.encode(), "csv_open_quote"),
        ('名称,备注\n甲,"引号"之后\n'.encode(), "csv_open_quote"),
        ("名称,备注\n甲,".encode() + b'"' + b"x" * 300_000 + b'"\n', "csv_open_quote"),
        (b"a," * 900 + b"\n", "too_many_columns"),
        (b"  \n\n", "no_rows"),
    ],
)
def test_doubtful_files_are_refused(read: Any, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read(content)
    assert caught.value.code == code
    assert "请" in caught.value.message_zh


def test_a_swallowed_record_is_not_a_value(read: Any) -> None:
    """A stray quote that finds a partner ten lines further down must not make ten firms one."""
    lines = [f"企业{n},{n},备注" for n in range(30)]
    lines[5], lines[15] = '"企业5,5,备注', '企业15",15,备注'
    with pytest.raises(Refused) as caught:
        read(("名称,数,注\n" + "\n".join(lines)).encode())
    assert caught.value.code == "csv_open_quote"


def test_more_rows_than_allowed_are_refused(read: Any) -> None:
    with pytest.raises(Refused) as caught:
        read("名称,数\n".encode() + b"a,1\n" * 2000, data_rows=1000)
    assert caught.value.code == "too_many_rows"


def test_a_hundred_thousand_rows_are_read_to_the_last(read: Any) -> None:
    reading = read(("名称,数\n" + "".join(f"企业{n},{n}\n" for n in range(100_000))).encode("gbk"))
    assert reading.sheets[0].rows == 100_001
    assert list(iter_rows(reading.sheets[0], after_row=100_000)) == [(100_001, ["企业99999", "99999"])]


@given(
    st.text("企业名称聊城市茌平区机械制造有限公司信用代码,;\n0123456789ABC（）", min_size=8, max_size=200),
    st.sampled_from(["utf-8", "gbk", "utf-8-sig", "utf-16"]),
)
def test_ordinary_text_is_never_mistaken(text: str, codec: str) -> None:
    found, _ = decode(("企业名称,代码\n" + text).encode(codec))
    assert found == "企业名称,代码\n" + text


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        text, name = decode(content)
    except Stop as stop:
        assert stop.args[1].endswith("。")
    else:
        assert name in ("UTF-8", "UTF-16", "GBK", "GB18030")
        find_delimiter(text)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_cutting_a_file_anywhere_never_gives_mojibake(seed: int) -> None:
    content = (TABLE * 20).encode("gbk")
    cut = random.Random(seed).randrange(10, len(content))
    try:
        text, _ = decode(content[:cut])
    except Stop:
        return
    assert (TABLE * 20).startswith(text)
