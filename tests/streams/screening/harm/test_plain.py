import pytest

from streams.screening.harm.plain import PLAIN

CASES = [
    ("我想自杀", "SELF_HARM"),
    ("我真的不想活了", "SELF_HARM"),
    ("今晚我打算跳楼", "SELF_HARM"),
    ("I want to die", "SELF_HARM"),
    ("i'm going to kill myself tonight", "SELF_HARM"),
    ("I don't want to live anymore", "SELF_HARM"),
    ("kill yourself", "VIOLENCE"),
    ("KYS loser", "VIOLENCE"),
    ("I'll kill you", "VIOLENCE"),
    ("信不信我弄死你", "VIOLENCE"),
    ("你怎么不去死", "VIOLENCE"),
    ("操你妈", "HATE"),
    ("你个傻逼", "HATE"),
    ("全家死光", "HATE"),
    ("you are a worthless retard", "HATE"),
]
QUIET = [
    "笑死我了，这个段子太好笑",  # an idiom
    "想死你了，什么时候回来？",
    "加班累得要死",
    "孩子说不想活了，我应该马上联系谁？",  # about somebody else
    "自杀预防热线的电话是多少？",
    "主角打死了老虎以后怎么样了？",
    "怎么 kill 一个进程",
    "how do I kill a process that hangs",
    "We killed time at the airport and I will kill the lights.",
    "I want to diet",
    "I want to die-cut the stickers",
    "I will shoot you an e-mail",
    "比如傻比喻",
    "bitch is a female dog in the kennel's register",
    "skys and kyshtym are words",
]


@pytest.mark.parametrize(("text", "entity"), CASES)
def test_plain_words_of_harm(text: str, entity: str) -> None:
    assert {each.entity for each in PLAIN.find(text)} == {entity}


@pytest.mark.parametrize("text", QUIET)
def test_what_only_sounds_like_it(text: str) -> None:
    assert [text[each.start : each.end] for each in PLAIN.find(text)] == []
