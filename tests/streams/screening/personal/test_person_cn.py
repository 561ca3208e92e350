import pytest

from streams.screening.personal.person_cn import PERSON_CN

CASES = [
    ("我叫王小明，今年30岁", ["王小明"]),
    ("我叫王明今年30岁", ["王明"]),  # what cannot be part of a name ends it
    ("姓名：李雷", ["李雷"]),
    ("收件人：欧阳娜娜", ["欧阳娜娜"]),  # a family name of two characters
    ("收件人张三，电话", ["张三"]),
    ("患者刘德华的病历", ["刘德华"]),
    ("王先生您好", ["王"]),
    ("请找陈建国经理", ["陈建国"]),
    ("你好，我是赵敏。", ["赵敏"]),
    ("周杰，电话13800138000", ["周杰"]),
    ("姓名：阿卜杜拉·买买提", ["阿卜杜拉·买买提"]),
    ("昨天孙丽跟我说了这件事", ["孙丽"]),  # between words that stand beside a person
    ("请把陈志强拉进来", ["陈志强"]),
    ("张敏和刘洋都到了", ["张敏", "刘洋"]),
    ("赵国庆，李秀英，吴磊", ["赵国庆", "李秀英", "吴磊"]),
    ("我是高中生。", []),
    ("把杨梅给我", []),
    ("国庆和韩国朋友", []),
    ("周正的字，王冠的光", []),
    ("请胡说的人出去", []),
    ("我是高级工程师", []),
    ("姓名和电话都要填吗", []),
    ("向老师请教", []),
    ("马上老师就来了", []),
    ("项目经理", []),
    ("下周同学聚会", []),
    ("联系人：于敏", ["于敏"]),  # a name only behind a colon
    ("由于天气，改期", []),
    ("一段介绍同志生活的文字", []),
    ("客户方案", []),
    ("黄金价格", []),
    ("王者荣耀怎么玩", []),
    ("今天天气很好", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in PERSON_CN.find(text)] == found
