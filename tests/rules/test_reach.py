import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.rules.reach import normalise_email, normalise_handle, service_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Ann@Acme.COM", "ann@acme.com"),
        (" Ann Lee <ANN@acme.com> ", "ann@acme.com"),
        ("mailto:ann@acme.com?subject=hi", "ann@acme.com"),
        ("'ann@acme.com'", "ann@acme.com"),
        ("ann@acme.com;", "ann@acme.com"),
        ("ａｎｎ＠acme．com", "ann@acme.com"),
        ("张三@公司.中国", "张三@公司.中国"),
        ("ann＠acme。com。cn。", "ann@acme.com.cn"),
        ("o'brien+x@mail.example", "o'brien+x@mail.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert normalise_email(text) == address


@pytest.mark.parametrize("text", ["", "ann", "@", "ann@", "@acme.com", "ann@@acme.com", "a b@c.de", "a@b,c@d", "a@."])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        normalise_email(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("wechat:ZhangSan88", "wechat:ZhangSan88"),
        ("微信:zs", "wechat:zs"),
        ("微信号：zs", "wechat:zs"),
        ("QQ: 123 456", "qq:123456"),
        ("钉钉:zs", "dingtalk:zs"),
        ("飞书:zs", "feishu:zs"),
        ("@ann", "im:ann"),
        ("ann", "im:ann"),
        ("https://x.com/ann", "twitter:ann"),
        ("https://www.linkedin.com/in/ann-lee/", "linkedin:ann-lee"),
        ("https://cn.linkedin.com/in/ann-lee?trk=x", "linkedin:ann-lee"),
        ("weibo.com/u/123456", "weibo:123456"),
        ("https://wa.me/8613800138000", "whatsapp:+8613800138000"),
        ("WhatsApp: +86 138-0013-8000", "whatsapp:+8613800138000"),
        ("t.me/ann", "telegram:ann"),
        ("line.me/ti/p/~ann", "line:ann"),
        ("skype:live:ann", "skype:live:ann"),
        ("matrix:@ann:example.org", "matrix:ann:example.org"),
        ("https://example.com/ann/", "web:example.com/ann"),
    ],
)
def test_handles(text: str, value: str) -> None:
    handle = normalise_handle(text)
    assert (handle.value, handle.key) == (value, value.casefold())
    assert handle.service == value.partition(":")[0]


def test_the_service_that_a_column_names() -> None:
    assert normalise_handle("zs", "wechat").value == "wechat:zs"
    assert normalise_handle("live:ann", "skype").value == "skype:live:ann"
    assert normalise_handle("QQ:123", "wechat").value == "qq:123"


@pytest.mark.parametrize("text", ["", "  ", "@", "wechat:", "***"])
def test_what_is_no_handle(text: str) -> None:
    with pytest.raises(ValueError, match="not the name of an account"):
        normalise_handle(text)


def test_services_by_their_names() -> None:
    assert [service_of(name) for name in ("微信", "QQ号", "WeChat ID", "X", "领英", "phone")] == [
        "wechat",
        "qq",
        "wechat",
        "twitter",
        "linkedin",
        "",
    ]


@given(st.one_of(st.text(), st.emails(), st.from_regex(r"[^@]*<[^<>]*@[^<>]*>")))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = normalise_email(text)
    except ValueError:
        return
    assert normalise_email(address) == address
    assert address.count("@") == 1


@given(
    st.one_of(
        st.text(), st.from_regex(r"(微信|qq|im|web|https?|\w+)\s?[::]\s?\S+"), st.from_regex(r"https?://[a-z.]+/\S*")
    )
)
def test_any_text_is_a_handle_or_refused(text: str) -> None:
    try:
        handle = normalise_handle(text)
    except ValueError:
        return
    again = normalise_handle(handle.value)
    assert again == handle
