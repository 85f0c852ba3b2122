"""The checks that detectors.toml may name."""

from __future__ import annotations

import re
from collections.abc import Callable

from dfguard.finding import Confidence
from dfguard.secrets import key_checks as keys
from dfguard.secrets import token_checks as tokens

Check = Callable[[bytes, "re.Match[bytes]", Confidence], "Confidence | None"]

CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        tokens.token,
        tokens.mixed,
        tokens.mixed_case,
        tokens.mixed_case_digits,
        tokens.base32,
        tokens.crc_base62,
        tokens.gitlab,
        tokens.grafana,
        tokens.grafana_key,
        tokens.bech32,
        tokens.bedrock,
        tokens.aws_pair,
        tokens.alibaba_pair,
        tokens.azure_key,
        tokens.azure_sas,
        tokens.google,
        tokens.discord,
        tokens.telegram,
        tokens.json_web_token,
        keys.service_account,
        keys.private_key,
        keys.openvpn_key,
        keys.putty_key,
        keys.docker_auth,
        keys.value,
        keys.npm_auth,
        keys.url_password,
        keys.connection_string,
    )
}
