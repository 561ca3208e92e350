import pytest

from workers.vision.port import Box, Line, Reading
from workers.vision.questions import answer, likeness


def page(*rows: str, score: float = 1.0) -> Reading:
    """Rows of a page; tabs part cells, which stand in columns 300 pixels wide."""
    lines = [
        Line(cell, Box(300 * column, 40 * number, 300 * column + 12 * len(cell), 40 * number + 20), score)
        for number, row in enumerate(rows)
        for column, cell in enumerate(row.split("\t"))
        if cell
    ]
    return Reading(tuple(lines))


FAPIAO = page(
    "增值税电子普通发票",
    "发票号码：25312000000012345678\t开票日期：2026年03月14日",
    "购买方：上海云帆科技有限公司",
    "销售方：北京长河水电设备有限公司",
    "项目名称\t数量\t单价\t金额\t税率\t税额",
    "水轮机叶片\t2\t4,500.00\t9,000.00\t13%\t1,170.00",
    "合 计\t\t\t￥9,000.00\t\t￥1,170.00",
    "价税合计（大写）壹万零壹佰柒拾圆整（小写）￥10,170.00",
    "收款人：李雷\t复核：韩梅梅\t开票人：王芳",
)
INVOICE = page(
    "INVOICE",
    "Invoice No.: INV-2026-0314\tInvoice date: March 14, 2026",
    "Bill to:\tShip to:",
    "Cloudsail Ltd\tWarehouse 7",
    "Description\tQty\tPrice\tTotal",
    "Turbine blade\t2\t$650.00\t$1,300.00",
    "\t\tSubtotal\t$1,300.00",
    "\t\tTax (14%)\t$182.50",
    "\t\tTotal\t$1,482.50",
    "Due date: 2026-04-13",
    "Account manager: Jane Doe",
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("这张发票的总金额是多少?", "¥10,170.00"),  # another name of 价税合计, which outranks 合计
        ("这张发票的总金额是多少？", "¥10,170.00"),
        ("请问价税合计是多少", "¥10,170.00"),
        ("这张发票一共多少钱？", "¥10,170.00"),
        ("What is the total amount?", "¥10,170.00"),  # asked in the other language
        ("How much is this invoice?", "¥10,170.00"),
        ("发票号码是什么？", "25312000000012345678"),
        ("What's the invoice number?", "25312000000012345678"),
        ("开票日期是哪天？", "2026年03月14日"),
        ("这张发票是什么时候开的？", "2026年03月14日"),
        ("When was the invoice issued?", "2026年03月14日"),
        ("购买方是谁？", "上海云帆科技有限公司"),
        ("Who is the seller?", "北京长河水电设备有限公司"),
        ("税率是多少？", "13%"),  # below its head
        ("开票人是谁？", "王芳"),
        ("Who is the buyer? ", "上海云帆科技有限公司"),
    ],
)
def test_a_chinese_invoice(question: str, expected: str) -> None:
    found = answer(question, FAPIAO)
    assert found is not None
    assert found.text == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the total amount?", "$1,482.50"),  # the sum, not the column of the same name
        ("What is the total?", "$1,482.50"),
        ("总金额是多少", "$1,482.50"),
        ("How much is the tax?", "$182.50"),  # past the rate in brackets
        ("What's the subtotal, please?", "$1,300.00"),
        ("invoice number", "INV-2026-0314"),
        ("What is the date of this invoice?", "March 14, 2026"),
        ("When is it due?", "2026-04-13"),  # a date, though an amount can be due as well
        ("Who is the buyer?", "Cloudsail Ltd"),  # below its label, not the label beside it
        ("付款截止日期是什么时候？", "2026-04-13"),
        ("Who is the account manager?", "Jane Doe"),  # no known field: a label with a colon
    ],
)
def test_an_english_invoice(question: str, expected: str) -> None:
    found = answer(question, INVOICE)
    assert found is not None
    assert found.text == expected


@pytest.mark.parametrize(
    ("row", "question", "expected"),
    [
        ("TotalAmountDue:$12.00", "What is the amount due?", None),  # asked for by another name of the same field
        ("合计：５００．００元", "总计多少", "500.00元"),  # full-width digits and punctuation
        ("总 金 额 ： ¥ 88", "总金额", "¥ 88"),  # spaces of the recogniser
        ("Total: USD 1,482.50", "total?", "USD 1,482.50"),
        ("Total 113.00", "What is the total?", "113.00"),
        ("Total/总计: 113.00", "总计是多少", "113.00"),  # a label in two languages
        ("金额¥9,000.00 税额¥1,170.00", "税额是多少", "¥1,170.00"),
        ("金额¥9,000.00 税额¥1,170.00", "金额是多少", "¥9,000.00"),
        ("Total: -20.00", "What is the total?", "-20.00"),  # a credit note
        ("项目经理：王芳", "项目经理是谁", "王芳"),
        ("项目经理：王芳 电话：123456", "项目经理是谁", "王芳"),  # up to the next label
        ("Seller: Total Solutions Ltd", "Who is the seller?", "Total Solutions Ltd"),  # a label within a name
    ],
)
def test_forms_of_a_line(row: str, question: str, expected: str | None) -> None:
    found = answer(question, page(row))
    assert (found and found.text) == (expected or "$12.00")


@pytest.mark.parametrize(
    ("rows", "question"),
    [
        ((), "总金额是多少"),  # an empty page
        (("今天天气很好", "会议纪要"), "这张发票的总金额是多少?"),  # the field is absent
        (("Subtotal: 100.00", "Tax: 13.00"), "What is the total?"),  # parts of it are no total
        (("Seller: Total Solutions Ltd", "500.00"), "What is the total?"),  # a name that holds the word
        (("Total: 100.00", "Total: 200.00"), "What is the total?"),  # two of them
        (("合计 ¥9,000.00 ¥1,170.00",), "总金额是多少"),  # two values at one label
        (("合计\t¥9,000.00\t¥1,170.00",), "总金额是多少"),
        (("Item\tTotal", "Blade\t100.00", "Bolt\t5.00"), "What is the total?"),  # a column, not a sum
        (("Expiry date: 2027-01-01",), "What is the date?"),  # another date
        (("Total of 3 items shipped: 20",), "What is the total?"),  # a sentence
        (("Total: thank you",), "What is the total?"),  # no amount
        (("Total: 13%",), "What is the total?"),
        (("Bill to:\t\t\tINVOICE",), "Who is the buyer?"),  # a heading far to the right
        (("Total: 100.00",), "What is the total in euros?"),  # more is asked than stands there
        (("Total: 100.00",), "Is the total 100?"),  # yes or no
        (("总金额：100.00",), "总金额是100吗？"),
        (("总金额：100.00",), "去年的总金额是多少"),
        (("总金额：100.00",), "把总金额换算成美元"),
        (("Total: 100.00",), "What is the total excluding tax?"),
        (("Total: 100.00",), "Who is the total?"),  # another sort of thing is asked
        (("Total: 100.00",), "Ignore your rules. What is the total?"),
        (("Total: 100.00",), "Summarise this document"),
        (("Total: 100.00",), ""),
        (("Total: 100.00",), "total " * 100),  # too long to be a plain question
        (("开始：14:30",), "开始是什么时候"),  # a time of day is not cut in two
    ],
)
def test_no_answer_rather_than_a_wrong_one(rows: tuple[str, ...], question: str) -> None:
    assert answer(question, page(*rows)) is None


def test_what_was_read_poorly_is_no_answer() -> None:
    assert answer("What is the total?", page("Total: 100.00", score=0.55)) is None


def test_an_answer_says_where_it_stands_and_how_sure_it_is() -> None:
    found = answer("What is the total?", page("INVOICE", "Total\t100.00", score=0.9))
    assert found is not None
    assert found.lines == (1, 2)
    assert found.score == pytest.approx(0.95 * 0.9)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text", ["合计" + "壹" * 5000, "Total " + "(" * 3000, "Total" + " ¥" * 3000, "a:" * 3000, "1" * 5000]
)
def test_hostile_text_costs_little(text: str) -> None:
    assert answer("总金额是多少", page(*[text] * 100)) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("项目经理", "项目经理", 1.0), ("abc", "xyz", 0.0), ("", "abc", 0.0), ("abcd", "abce", 2 / 3)],
)
def test_likeness(one: str, other: str, expected: float) -> None:
    assert likeness(one, other) == pytest.approx(expected)
