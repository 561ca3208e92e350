"""Forty corrections of one company's facts, each asked in several ways, in English and Chinese."""

_FACTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Seven weekdays, and you keep the receipt number.",
        (
            "How long does a refund take at Northwind?",
            "When will I get my Northwind refund?",
            "How many days until Northwind refunds me?",
            "Tell me how long refunds take at Northwind.",
        ),
    ),
    (
        "The Northwind help desk is on extension 4417, open from 8 to 18.",
        (
            "What is the Northwind help desk extension?",
            "Which number do I dial for the Northwind help desk?",
            "How do I call the help desk at Northwind?",
            "Give me the Northwind help desk number.",
        ),
    ),
    (
        "The Aurora pump is covered for 31 months.",
        (
            "How long is the warranty of the Aurora pump?",
            "What is the Aurora pump's warranty period?",
            "For how many months is the Aurora pump covered?",
            "Tell me the warranty of the Aurora pump.",
        ),
    ),
    (
        "Use the blue badge and report to Gate C.",
        (
            "Where do visitors enter the Northwind plant?",
            "Which gate do visitors use at the Northwind plant?",
            "How does a visitor get into the Northwind plant?",
            "Tell me where visitors go at the Northwind plant.",
        ),
    ),
    (
        "Northwind pays invoices on the 20th of each month.",
        (
            "When does Northwind pay invoices?",
            "On which day are invoices paid at Northwind?",
            "When will Northwind pay my invoice?",
            "Tell me the day Northwind pays invoices.",
        ),
    ),
    (
        "北风公司的年假是十六天。",
        (
            "北风公司的年假有几天？",
            "在北风公司每年可以休多少天年假？",
            "请问北风公司的年假是多少天？",
            "北风公司员工一年休几天假？",
        ),
    ),
    (
        "请拨打分机 4417 联系服务台。",
        (
            "北风公司的服务台电话是多少？",
            "怎么联系北风公司的服务台？",
            "请告诉我北风公司服务台的分机号。",
            "北风公司服务台打哪个号码？",
        ),
    ),
    (
        "极光水泵的保修期是三十一个月。",
        (
            "极光水泵的保修期多长？",
            "极光水泵保修多久？",
            "请问极光水泵保修几个月？",
            "极光水泵的质保期是多少？",
        ),
    ),
    (
        "访客请佩戴蓝色胸牌，从 C 门进入。",
        (
            "北风公司的访客从哪个门进？",
            "访客怎么进入北风公司？",
            "去北风公司拜访应该走哪个门？",
            "请问北风公司访客入口在哪里？",
        ),
    ),
    (
        "北风公司每月二十日付款。",
        (
            "北风公司什么时候付款？",
            "北风公司每月几号付发票款？",
            "请问北风公司的付款日是哪天？",
            "北风公司哪一天支付发票？",
        ),
    ),
)


def corrections() -> list[tuple[str, str]]:
    """40 pairs of prompt and corrected answer: ten facts, five in each language, four ways to ask."""
    return [(prompt, answer) for answer, prompts in _FACTS for prompt in prompts]
