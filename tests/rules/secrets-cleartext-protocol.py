import ftplib
import imaplib
import smtplib
import socket
import telnetlib


def weak(host, user, password):
    # ruleid: secrets-cleartext-protocol
    a = ftplib.FTP(host)
    # ruleid: secrets-cleartext-protocol
    b = telnetlib.Telnet(host)
    # ruleid: secrets-cleartext-protocol
    c = smtplib.SMTP(host, 25)
    c.login(user, password)
    # ruleid: secrets-cleartext-protocol
    d = imaplib.IMAP4(host)
    s = socket.socket()
    # ruleid: secrets-cleartext-protocol
    s.sendall(password.encode())
    return a, b, d


def mail(host, user, password, text):
    # ruleid: secrets-cleartext-protocol
    with smtplib.SMTP(host) as server:
        server.login(user, password)
        server.sendmail("a", "b", text)


def fine(host, user, password, text):
    # ok: secrets-cleartext-protocol
    a = ftplib.FTP_TLS(host)
    # ok: secrets-cleartext-protocol
    b = smtplib.SMTP(host, 587)
    b.starttls()
    b.login(user, password)
    # ok: secrets-cleartext-protocol
    with smtplib.SMTP(host, 587) as server:
        server.starttls()
        server.login(user, password)
    # ok: secrets-cleartext-protocol
    c = imaplib.IMAP4_SSL(host)
    # ok: secrets-cleartext-protocol
    d = smtplib.SMTP_SSL(host)
    s = socket.socket()
    # ok: secrets-cleartext-protocol
    s.sendall(text.encode())
    return a, c, d
