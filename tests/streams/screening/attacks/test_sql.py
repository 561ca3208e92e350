import pytest

from streams.screening.attacks.sql import SQL

ATTACKS = [
    "name' OR '1'='1",
    "x') or 1=1 --",
    "or 1=1#",
    "') or ('a')=('a",
    "-1 OR 17-7=10+0",
    "' oR 'a' LiKe 'a",
    "1'/**/OR/**/'1'='1",
    "' ＯＲ 'a'='a",
    "' or true--",
    "admin'-- ",
    "用户名填 admin'-- 就能登录",
    "' union all select user, password from accounts",
    "/list?id=-1+UNION+SELECT+1,2,3",
    "1 UNION SELECT name, pass FROM users",
    "/*!50000UNION*/ /*!50000SELECT*/ 1,2",
    "1' ORDER BY 7--+",
    "' group by a.id having 1=1--",
    "'; DROP TABLE users; --",
    "1; DROP TABLE users",
    "EXEC master..xp_cmdshell 'dir'",
    "1' and sleep(5)",
    "SLEEP(9)#",
    "');waitfor delay '0:0:9'--",
    "1)) or pg_sleep(3)--",
    "' AND ASCII(SUBSTRING((SELECT p FROM u LIMIT 1),1,1))>64--",
    "' AND extractvalue(1,concat(0x7e,database()))--",
    "1 AND (SELECT 1 FROM(SELECT COUNT(*),CONCAT(0x3a,FLOOR(RAND(0)*2))x FROM y GROUP BY x)a)",
    "' INTO OUTFILE '/var/www/x.php'--",
    "x' AND email IS NULL; --",
    "'-'",
]
ORDINARY = [
    "how do I write SELECT * FROM users WHERE id = 1?",
    "SELECT name FROM t WHERE a = 'x' AND length(name) > 3",
    "SELECT a FROM t UNION SELECT b FROM u",
    "SELECT * FROM t WHERE a = 'x' AND b = 'y'",
    "what does DROP TABLE users; do?",
    "INSERT INTO t VALUES ('a'); DELETE FROM u;",
    "it's 'this' or that = those",
    "she said 'one' and 'two' -- and left",
    "如果 x = 'a' or y = 'b' 就返回",
    "if a == '' or b == 1 or c == 2: pass",
    "return s[0] and len(s) > 3",
    "the key is 'a' or 'b'",
    "either 1 or 2 is fine",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in SQL.find(text)} == {"SQL_INJECTION"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert SQL.find(text) == []
