"""Which variable names promise a credential, and which values can't be one.

BuildKit's SecretsUsedInArgOrEnv looks for its words between underscores and needed one exception
after the other (public, file, version); the words and roles here are wider and are read as words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import log2

from dfguard.finding import Confidence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CREDENTIAL = _words(
    """
    apikey apitoken accesskey accesstoken authtoken bearertoken clientsecret credential credentials passphrase
    passwd password passwords privatekey psw pword refreshtoken secret secretkey secrets token
    """
)
# Words that say it at the end of another one: DBPASSWORD, GITHUBTOKEN is left out (MAX_TOKENS, TOKENIZER).
_CREDENTIAL_ENDINGS = ("password", "passwd", "passphrase", "apikey", "accesstoken", "authtoken", "secretkey")
# Credentials only as the last of several words: DB_PASS, NPM_AUTH, DB_PWD (PWD itself is the folder).
_CREDENTIAL_AT_THE_END = _words("auth pass pwd")
# KEY is a credential behind one of these: a bare KEY, GPG_KEY, PUBLIC_KEY, PRIMARY_KEY are not.
_KEY_OF = _words(
    """
    access account admin aes api app application auth cipher client crypto deploy encryption hmac ingest jwt
    license master priv private prv rsa secret service session shared signing ssh storage write
    """
)
# What the last word makes of the name: the place, kind or measure of a credential, not itself.
_ROLES = _words(
    """
    age alg algorithm arn attempts audience backend bucket bytes chars class cmd command cookie count digest dir
    directory disabled email enabled endpoint env exp expiration expires expiry field file files fingerprint folder
    format group hash header helper host hostname id ids interval issuer keyring label length level lifetime
    limit location manager max md5 min minutes mode name namespace opts owner param parallelism path paths pattern
    plugin policy port prefix prompt provider ref regex region regexp registry required role scope scopes seconds
    server service sha sha1 sha256 sha512 size sock socket source store strategy suffix ttl timeout type uid uri url
    urls user username validity version
    column created date description encoding error expired hint icon index iterations lifespan message rate rates
    rotation rounds status strength template throttle title
    """
)
# Words that turn the name round wherever they stand.
_HARMLESS = _words(
    "allow disable dummy empty enable generate keyring no nopasswd placeholder public pub random require show skip use"
    " verbose"
)
# The credentials of a gem server by its host: BUNDLE_GITHUB__COM; https://bundler.io/man/bundle-config.1.html
_BUNDLER_HOST = r"BUNDLE_(?!(?:LOCAL|BUILD|MIRROR|TIMEOUT|SSL)__)[A-Z0-9_]{1,99}__[A-Z]{2,10}"
_OF_SYSTEMD = ("LoadCredential", "ImportCredential")  # which are given the name of one; systemd.exec(5)
# Patterns are compiled at their first use, by re's own cache: a check that meets no credential pays nothing.
_PART = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"


@lru_cache(maxsize=1024)
def credential_name(name: str) -> bool:
    """Whether a variable of this name holds a credential itself.

    `name` is the key of an ENV, ARG or assignment, in any style (DB_PASSWORD, dbPassword,
    db.password). Names of a credential's file, version, length ... are not.
    """
    if name in _OF_SYSTEMD:
        return False
    if name.startswith("BUNDLE_") and re.fullmatch(_BUNDLER_HOST, name):
        return True
    words = name_words(name)
    if not holds_credential(words):
        return False
    if words[-1] in _CREDENTIAL_AT_THE_END and len(words) > 1:
        return True
    for before, word in zip(["", *words], words, strict=False):
        if word in _CREDENTIAL or word.endswith(_CREDENTIAL_ENDINGS):
            return True
        if word == "key" and before in _KEY_OF:
            return True
    return False


def holds_credential(words: list[str]) -> bool:
    """Whether a name of these words can be that of a credential itself, not of its file, length or kind."""
    return bool(words) and words[-1] not in _ROLES and _HARMLESS.isdisjoint(words)


def name_words(name: str) -> list[str]:
    """`AWS_SecretKey2` -> aws, secret, key; digits end a word and are no word themselves."""
    parts = [part.lower() for part in re.findall(_PART, name[:200])]
    while parts and parts[-1].isdigit():
        parts.pop()
    return parts


_DECLARED_FAKE = (
    r"(?i:example|change[-_ ]?(?:me|this|it)|placeholder|replace[-_ ]?(?:me|this|with)|(?:^|[-_ ])your|insert[-_ ]|xxxx"
    r"|todo|fixme|dummy|fake[-_]|redacted|[-_ ]here[0-9]{0,3}$|\.\.\.|\*\*\*|-{4}|_{4}|not[-_]?(?:set|used|real|secret)"
    r"|do[-_ ]?not[-_ ]?use|not[-_ ]?for[-_ ]?prod|\*\*[a-z]|abcdefgh|12345678|qwertyui|deadbeef|00000000"
    r"|(.)\1{7})"
)
_REFERENCE = (
    r"^\{\w+\}[\"']?$|^ENC\[|\$[({]|^\$[A-Za-z_@1-9*]|\$[A-Z_]{3,}(?![a-z0-9])|%[A-Za-z_][A-Za-z0-9_]*%|\{\{|\{%|<[^<>]*>$|@[A-Za-z_]+@$|^#\{"
    r"|^AQAAANCMnd8|^(?:env|vault|op|arn|ref|secret|file):"
)
_PATH = (
    r"(?:~|\.{1,2})?/|[A-Za-z]:\\|https?://[^@]*$"
    r"|[\w.-]{1,100}\.(?:asc|cer|conf|crt|env|gpg|ini|jks|json|key|p12|pem|properties|pub|txt|ya?ml)$"
)
_WORTHLESS = _words(
    """
    0 1 - true false yes no on off none null nil undefined unset empty enabled disabled default optional required files
    """
)
_WEAK = r"(?i:[a-z]{1,10}:?|[0-9]{1,6}|[a-z]{1,10}[0-9]{1,3}|.{0,3}|.*(?:password|passwd|passw0rd|secret|admin).{0,4})"
_NAME = r"[A-Z]?[a-z]+(?:[A-Z][a-z]+)*(?:Arn|Id|Key|Marker|Name|Token)"  # of a field: "NextPageToken"
_FINGERPRINT = (
    r"(?:0x)?[0-9A-F]{16}|[0-9A-F]{40}|(?:[0-9A-F]{4} ){3,9}[0-9A-F ]+|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){15,31}"
)
_SHORTEST_DRAWN, _LONGEST_DRAWN = 10, 256
_LEAST_ENTROPY = 3.2  # bits a character; 32 random hexadecimal digits have 3.6
_LONGEST = 512  # of a value that is looked at; a placeholder says so at its beginning


def assess(value: str) -> Confidence | None:
    """How sure one can be that the value of a credential variable is a live secret.

    None: it is empty, a switch, a path, a reference to a variable or a secret store, a fingerprint,
    or says itself that it is a placeholder. LOW: a word, a short number, a usual default
    ("postgres", "admin123"). MEDIUM otherwise. Behind `pass:`, as OpenSSL writes a pass phrase, the phrase is judged.
    """
    text = value.strip()[:_LONGEST].removeprefix("pass:")
    if text.lower() in _WORTHLESS or not text or (len(text) > 3 and len(set(text)) == 1):
        return None
    if re.match(_PATH, text) or re.search(_REFERENCE, text) or re.fullmatch(_FINGERPRINT, text) or declared_fake(text):
        return None
    weak = not text.isascii() or _are_words(text) or re.fullmatch(_WEAK, text) or re.fullmatch(_NAME, text)
    return Confidence.LOW if weak else Confidence.MEDIUM


def _are_words(text: str) -> bool:
    """One to three words, as translations of a form's labels are ("Zugangs-Token")."""
    parts = re.split("[-_ ]", text)
    return len(parts) <= 3 and all(
        part.isalpha() and (part[1:] == part[1:].lower() or (part.isupper() and len(part) <= 5)) for part in parts
    )


def looks_drawn(value: str) -> bool:
    """Whether a value looks drawn by lot: letters and digits mixed, and no words between its dashes."""
    text = value[:_LONGEST_DRAWN]
    if len(text) < _SHORTEST_DRAWN or assess(text) is not Confidence.MEDIUM:
        return False
    parts = re.split(r"[-_.:/ ]", text)
    spoken = sum(len(part) for part in parts if re.fullmatch(r"[A-Z]?[a-z]*|[A-Z]+|v?[0-9]{0,4}", part))
    drawn = re.search("[0-9]", text) and re.search("[A-Za-z]", text) and spoken * 2 < len(text)
    return bool(drawn) and _entropy(text) >= (_LEAST_ENTROPY if len(text) >= 16 else _LEAST_ENTROPY - 0.4)


def _entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    counts = [text.count(char) for char in set(text)]
    return -sum(count / len(text) * log2(count / len(text)) for count in counts)


def declared_fake(value: str) -> bool:
    """Whether a token says that it is none: `EXAMPLE`, `xxxx`, `your-...`, eight equal characters in a row."""
    return re.search(_DECLARED_FAKE, value[:_LONGEST]) is not None
