"""One mail over SMTP. Everything before the server has the text is certainly not sent; silence after that is an unknown outcome."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from app.infra import clock
from app.reminders.sending.outcome import FAILED, RETRY, SENT, UNKNOWN, Outcome
from config import Sending

TIMEOUT = 20.0


@dataclass(frozen=True)
class Mail:
    """``message_id`` is the same for every attempt, so that a second copy can be recognised."""

    to: str
    title: str
    text: str
    message_id: str


def compose(mail: Mail, settings: Sending) -> EmailMessage:
    """The mail as it is sent: plain text, no line of the title can become a header."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.title.split())
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="base64")
    return message


def send(mail: Mail, settings: Sending) -> Outcome:
    """Never raises. A refusal of the recipient or of the text is final (5xx) or worth another try (4xx)."""
    if not settings.mail_host or not settings.mail_from:
        return Outcome(FAILED, "没有配置邮件服务器（YUMIAO_MAIL_HOST、YUMIAO_MAIL_FROM）")
    try:
        message = compose(mail, settings)
    except (ValueError, IndexError):
        return Outcome(FAILED, "收件地址格式不正确")
    try:
        server = _connect(settings)
    except smtplib.SMTPAuthenticationError:
        return Outcome(RETRY, "邮件服务器不接受账号或密码")
    except (OSError, smtplib.SMTPException) as problem:
        return Outcome(RETRY, f"连不上邮件服务器（{type(problem).__name__}）")
    try:
        return _hand_over(server, message, settings.mail_from, mail.to)
    finally:
        server.close()


def _connect(settings: Sending) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.mail_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(settings.mail_host, settings.mail_port, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=TIMEOUT)
        if settings.mail_security == "starttls":
            server.starttls(context=context)
    server.ehlo_or_helo_if_needed()
    if settings.mail_user:
        server.login(settings.mail_user, settings.mail_password)
    return server


def _hand_over(server: smtplib.SMTP, message: EmailMessage, sender: str, to: str) -> Outcome:
    try:
        for code in (server.mail(sender)[0], server.rcpt(to)[0]):
            if code >= 400:
                return Outcome(FAILED if code >= 500 else RETRY, f"邮件服务器拒收（{code}）")
    except (OSError, smtplib.SMTPException) as problem:
        return Outcome(RETRY, f"与邮件服务器的连接中断（{type(problem).__name__}）")
    try:
        code, _ = server.data(message.as_bytes())
    except smtplib.SMTPDataError as problem:
        return Outcome(FAILED if problem.smtp_code >= 500 else RETRY, f"邮件服务器拒收（{problem.smtp_code}）")
    except (OSError, smtplib.SMTPException) as problem:
        return Outcome(UNKNOWN, f"邮件正文已发出，没有收到服务器的答复（{type(problem).__name__}）")
    if code >= 400:
        return Outcome(FAILED if code >= 500 else RETRY, f"邮件服务器拒收（{code}）")
    return Outcome(SENT)


def reach(settings: Sending) -> str | None:
    """Why the server cannot be reached or does not accept the login; None when it does. Sends nothing."""
    try:
        _connect(settings).close()
    except smtplib.SMTPAuthenticationError:
        return "邮件服务器不接受账号或密码"
    except (OSError, smtplib.SMTPException) as problem:
        return f"连不上邮件服务器（{type(problem).__name__}）"
    return None
