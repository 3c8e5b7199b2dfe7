"""What ingress-nginx understands: the annotations that exist, and what to use in place of those that do not.

Source: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
"""

from __future__ import annotations

from difflib import get_close_matches

PREFIX = "nginx.ingress.kubernetes.io/"

_NAMES = """
affinity affinity-canary-behavior affinity-mode allowlist-source-range app-root auth-always-set-cookie
auth-cache-duration auth-cache-key auth-keepalive auth-keepalive-requests auth-keepalive-share-vars
auth-keepalive-timeout auth-method auth-proxy-set-headers auth-realm auth-request-redirect auth-response-headers
auth-secret auth-secret-type auth-signin auth-signin-redirect-param auth-snippet auth-tls-error-page auth-tls-match-cn
auth-tls-pass-certificate-to-upstream auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-type auth-url
backend-protocol canary canary-by-cookie canary-by-header canary-by-header-pattern canary-by-header-value canary-weight
canary-weight-total client-body-buffer-size configuration-snippet connection-proxy-header cors-allow-credentials
cors-allow-headers cors-allow-methods cors-allow-origin cors-expose-headers cors-max-age custom-headers
custom-http-errors default-backend denylist-source-range disable-proxy-intercept-errors enable-access-log enable-cors
enable-global-auth enable-influxdb enable-modsecurity enable-opentelemetry enable-opentracing enable-owasp-core-rules
enable-rewrite-log fastcgi-index fastcgi-params-configmap force-ssl-redirect from-to-www-redirect global-rate-limit
global-rate-limit-ignored-cidrs global-rate-limit-key global-rate-limit-window http2-push-preload influxdb-host
influxdb-measurement influxdb-port influxdb-server-name limit-allowlist limit-burst-multiplier limit-connections
limit-rate limit-rate-after limit-rpm limit-rps limit-whitelist load-balance mirror-host mirror-request-body
mirror-target modsecurity-snippet modsecurity-transaction-id opentelemetry-operation-name
opentelemetry-trust-incoming-span opentracing-operation-name opentracing-trust-incoming-span permanent-redirect
permanent-redirect-code preserve-trailing-slash proxy-body-size proxy-buffer-size proxy-buffering
proxy-buffers-number proxy-busy-buffers-size proxy-connect-timeout proxy-cookie-domain proxy-cookie-path
proxy-http-version proxy-max-temp-file-size proxy-next-upstream proxy-next-upstream-timeout proxy-next-upstream-tries
proxy-read-timeout proxy-redirect-from proxy-redirect-to proxy-request-buffering proxy-send-timeout proxy-ssl-ciphers
proxy-ssl-name proxy-ssl-protocols proxy-ssl-secret proxy-ssl-server-name proxy-ssl-verify proxy-ssl-verify-depth
relative-redirects rewrite-target satisfy server-alias server-snippet service-upstream session-cookie-change-on-failure
session-cookie-conditional-samesite-none session-cookie-domain session-cookie-expires session-cookie-max-age
session-cookie-name session-cookie-path session-cookie-samesite session-cookie-secure ssl-ciphers ssl-passthrough
ssl-prefer-server-ciphers ssl-redirect stream-snippet temporal-redirect temporal-redirect-code upstream-hash-by
upstream-hash-by-subset upstream-hash-by-subset-size upstream-vhost use-port-in-redirects use-regex
whitelist-source-range x-forwarded-prefix
"""

#: Every annotation, without its prefix.
ANNOTATIONS = frozenset(_NAMES.split())

#: What people write, and what does it: an annotation, or a key of the controller's ConfigMap.
_INSTEAD = {
    "rate-limit": "limit-rps or limit-rpm limits requests",
    "rate-limit-rps": "limit-rps limits requests",
    "rate-limit-window": "limit-rpm limits requests by the minute",
    "requests-per-second": "limit-rps limits requests",
    "enable-rate-limit": "limit-rps or limit-rpm limits requests",
    "limit-burst": "limit-burst-multiplier sets the burst",
    "ssl-protocols": "ssl-protocols is a key of the controller's ConfigMap",
    "hsts": "hsts is a key of the controller's ConfigMap",
    "enable-gzip": "use-gzip is a key of the controller's ConfigMap",
    "gzip": "use-gzip is a key of the controller's ConfigMap",
    "use-gzip": "use-gzip is a key of the controller's ConfigMap",
    "use-proxy-protocol": "use-proxy-protocol is a key of the controller's ConfigMap",
    "redirect-to-https": "force-ssl-redirect redirects",
    "https-redirect": "force-ssl-redirect redirects",
    "secure-backends": "backend-protocol: HTTPS has taken its place",
    "grpc-backend": "backend-protocol: GRPC has taken its place",
    "client-max-body-size": "proxy-body-size sets the limit",
    "proxy-timeout": "proxy-read-timeout and proxy-send-timeout set timeouts",
    "websocket-services": "web sockets work without an annotation",
}

#: Annotations that put text into the controller's own configuration.
SNIPPETS = frozenset(
    {"auth-snippet", "configuration-snippet", "modsecurity-snippet", "server-snippet", "stream-snippet"}
)

#: Annotations of one URL or name whose value reached the configuration unchecked (CVE-2025-24514, -1097 and -1098).
SINGLE_VALUES = frozenset({"auth-signin", "auth-tls-match-cn", "auth-url", "mirror-host", "mirror-target"})

#: Annotations that limit how much one client may ask for.
RATE_LIMITS = frozenset({"limit-rps", "limit-rpm", "limit-connections", "global-rate-limit"})


def instead_of(name: str) -> str:
    """Return what to use in place of an annotation that does not exist, in words; empty where nothing is like it."""
    if name in _INSTEAD:
        return _INSTEAD[name]
    near = get_close_matches(name, sorted(ANNOTATIONS), n=1, cutoff=0.8)
    return f"{near[0]} does" if near else ""
