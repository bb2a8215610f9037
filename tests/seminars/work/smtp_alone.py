"""A mail server as a process of its own: `python -m tests.seminars.work.smtp_alone MODE [CERTIFICATE KEY]`.

MODE is `plain`, `login`, `starttls` or `tls`, the last two with login. It prints its port, then a line of JSON for each
mail it took: {"tls", "user", "mail", "rcpt", "size"}; `mail` and `rcpt` are the commands as they came.
"""

import asyncio
import json
import ssl
import sys
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = b"viso@example.org", b"p/w:d @1"


class Speaking(SMTP):
    """Offers DSN (RFC 3461) and PIPELINING, and notes the parameters that come with them."""

    said: dict[str, str]

    async def smtp_MAIL(self, arg: str | None) -> None:
        self.said = {"mail": arg or ""}
        await super().smtp_MAIL(
            " ".join(word for word in (arg or "").split() if word[:4] not in ("RET=", "ENVI"))
        )

    async def smtp_RCPT(self, arg: str | None) -> None:
        self.said["rcpt"] = arg or ""
        await super().smtp_RCPT(" ".join(word for word in (arg or "").split() if word[:7] != "NOTIFY="))


class Handler:
    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, name: str, responses: list[str]
    ) -> list[str]:
        session.host_name = name
        return [responses[0], "250-PIPELINING", "250-DSN", *responses[1:]]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        user = session.auth_data.login.decode() if session.auth_data else ""
        facts = {
            "tls": session.ssl is not None or is_closed(server),
            "user": user,
            "size": len(envelope.content),
        }
        print(json.dumps(facts | server.said), flush=True)
        return "250 OK"


def is_closed(server: Any) -> bool:
    return server.transport.get_extra_info("ssl_object") is not None


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=is_known, handled=False, auth_data=data)


async def serve(mode: str, *files: str) -> None:
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    options: dict[str, Any] = {"hostname": "mail.test"}
    if mode != "plain":
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": mode != "login"}
    if mode == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if mode == "tls":
        options["auth_require_tls"] = (
            False  # the line is closed from its first octet, which the library can't see
        )
    server = await asyncio.get_running_loop().create_server(
        lambda: Speaking(Handler(), **options), "127.0.0.1", 0, ssl=context if mode == "tls" else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
