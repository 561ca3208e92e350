"""Checks an audit log without trust in who keeps it. It needs Python and ``cryptography`` alone: copy this folder to
check a log elsewhere. A partition of the log is an RFC 6962 tree whose leaf *i* is the record at offset *i*."""
