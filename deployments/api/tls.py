"""Which certificates of servers are accepted, at local addresses and at others."""

import os
import ssl
import sys

import httpx2


def read_certificates() -> ssl.SSLContext:
    """Return the machine's certificates, or those that SSL_CERT_FILE or SSL_CERT_DIR names.

    The HTTP client does this itself only if it also uses the proxies of the environment, which a
    local address must not. Exits with a message on stderr if the file cannot be used.
    """
    try:
        return httpx2.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        sys.exit(
            f"SSL_CERT_FILE is {os.environ.get('SSL_CERT_FILE')!r}, which cannot be used: {error}. "
            "Set it to a file with certificates in PEM form, or unset it."
        )
