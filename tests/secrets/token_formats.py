"""The vendors' token formats once more, as recipes to draw random tokens from; independent of detectors.toml.

A recipe is text with parts in braces: `{b62:36}` is 36 characters of an alphabet, `{crc62}` and the like
the checksum of what stands before. A `|` is nothing: it keeps scanners of this repository calm.
"""

from __future__ import annotations

import base64
import random
import re
import string

from dfguard.secrets.checksums import base36_checksum, base62_checksum, bech32_checksum, grafana_checksum

UUID = "{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}"
ALPHABETS = {
    "b62": string.ascii_letters + string.digits,
    "u64": string.ascii_letters + string.digits + "-_",
    "b64": string.ascii_letters + string.digits + "+/",
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "low": string.ascii_lowercase + string.digits,
    "upp": string.ascii_uppercase + string.digits,
    "abc": string.ascii_letters,
    "dig": string.digits,
    "nul": "123456789",
    "b32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "l32": "abcdefghijklmnopqrstuvwxyz234567",
    "bec": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
}

# The first recipe of each reaches the detector's full confidence.
TOKENS: dict[str, tuple[str, ...]] = {
    "aws-access-key": ("AK|IA{b32:16}\nsecret={b64:40}\n",),
    "aws-session-token": ("IQoJb3|JpZ2lu{b62:20}{b64:180}==", "FwoGZX|IvYXdz{b62:20}{b64:200}"),
    "aws-bedrock-key": ("AB|SK{bedrock}",),
    "github-token": ("gh|p_{b62:30}{crc62}", "gh|s_{b62:30}{crc62}", "gh|o_{b62:30}{crc62}"),
    "github-fine-grained-token": ("github_|pat_{b62:22}_{b62:59}",),
    "gitlab-token": ("gl|pat-{u64:20}", "gl|pat-{u64:27}.0r{crc36}", "gl|pat-{u64:40}.01.14{crc36}"),
    "gitlab-deploy-token": ("gl|dt-{u64:20}",),
    "gitlab-runner-token": ("gl|rt-{u64:20}", "gl|rt-t1_{u64:20}", "GR1|348941{u64:20}"),
    "gitlab-job-token": ("gl|cbt-{u64:20}", "gl|cbt-64_{u64:20}"),
    "gitlab-trigger-token": ("gl|ptt-{hex:40}",),
    "gitlab-oauth-secret": ("gl|oas-{hex:64}",),
    "gitlab-agent-token": ("gl|agent-{u64:50}",),
    "gitlab-service-token": ("gl|ft-{u64:20}", "gl|imt-{u64:25}", "gl|soat-{u64:20}", "gl|ffct-{u64:20}"),
    "bitbucket-app-password": ("AT|BB{b62:24}{HEX:8}",),
    "atlassian-token": ("AT|ATT3xFfGF0{u64:160}={HEX:8}",),
    "atlassian-access-token": ("AT|CTT3xFfGN0{u64:160}={HEX:8}",),
    "slack-token": ("xo|xb-{nul:12}-{nul:13}-{b62:24}", "xo|xp-{nul:11}-{nul:11}-{nul:13}-{hex:32}"),
    "slack-app-token": ("xa|pp-1-A{b32:10}-{nul:13}-{hex:64}",),
    "slack-rotated-token": ("xo|xe.xo|xp-1-{b62:160}", "xo|xe-1-{b62:146}"),
    "slack-webhook": ("https://hooks.|slack.com/services/T{upp:10}/B{upp:10}/{b62:24}",),
    "teams-webhook": (f"https://acme.|webhook.office.com/webhookb2/{UUID}@{UUID}/IncomingWebhook/{{hex:32}}/{UUID}",),
    "discord-webhook": ("https://disc|ord.com/api/webhooks/{nul:18}/{u64:68}",),
    "discord-bot-token": ("{snowflake}.{u64:6}.{u64:27}", "{snowflake}.{u64:6}.{u64:38}"),
    "telegram-bot-token": ("{nul:10}:A|A{u64:33}",),
    "sendgrid-key": ("S|G.{u64:22}.{u64:43}",),
    "mailgun-key": ("ke|y-{hex:32}",),
    "mailchimp-key": ("{hex:32}-us|{nul:1}", "{hex:32}-us|1{nul:1}"),
    "brevo-key": ("xkey|sib-{hex:64}-{b62:16}",),
    "brevo-smtp-key": ("xsmtp|sib-{hex:64}-{b62:16}",),
    "resend-key": ("re|_{b62:8}_{b62:24}",),
    "mailersend-token": ("ml|sn.{hex:64}",),
    "twilio-key": ("S|K{hex:32}",),
    "stripe-live-key": ("sk|_live_{b62:24}", "rk|_live_{b62:99}"),
    "stripe-test-key": ("sk|_test_{b62:24}", "rk|_test_{b62:99}"),
    "stripe-webhook-secret": ("wh|sec_{b62:32}",),
    "square-token": ("EA|AAE{u64:59}", "sq|0atp-{u64:22}"),
    "square-secret": ("sq|0csp-{u64:43}",),
    "plaid-token": (f"access|-production-{UUID}",),
    "flutterwave-key": ("FLW|SECK-{hex:32}-X",),
    "shopify-token": ("sh|pat_{hex:32}", "sh|pca_{hex:32}", "sh|ppa_{hex:32}"),
    "shopify-secret": ("sh|pss_{hex:32}",),
    "easypost-key": ("EZ|AK{b62:54}",),
    "easypost-test-key": ("EZ|TK{b62:54}",),
    "shippo-token": ("shippo|_live_{hex:40}",),
    "duffel-token": ("duffel|_live_{u64:43}",),
    "npm-token": ("np|m_{b62:30}{crc62}",),
    "pypi-token": ("py|pi-AgEIcHlwaS5vcmc{u64:150}", "py|pi-AgENdGVzdC5weXBpLm9yZw{u64:160}"),
    "rubygems-key": ("ruby|gems_{hex:48}",),
    "nuget-key": ("oy|2{l32:43}",),
    "crates-io-token": ("ci|o{b62:32}",),
    "clojars-token": ("CLO|JARS_{hex:60}",),
    "packagist-token": ("pack|agist_ack_{hex:68}", "pack|agist_{hex:68}"),
    "docker-hub-token": ("dckr|_pat_{u64:27}", "dckr|_oat_{u64:32}"),
    "artifactory-key": ("AK|Cp{b62:69}",),
    "artifactory-reference-token": ("cmV|mdGtu{b62:56}",),
    "harness-token": ("pa|t.{u64:22}.{hex:24}.{b62:20}",),
    "circleci-token": ("CCI|PAT_{b62:22}_{hex:40}", "CCI|PRJ_{b62:22}_{hex:40}"),
    "buildkite-token": ("bk|ua_{hex:40}",),
    "octopus-key": ("AP|I-{upp:26}",),
    "sonarqube-token": ("sq|u_{hex:40}", "sq|p_{hex:40}", "sq|a_{hex:40}"),
    "scalingo-token": ("tk-|us-{u64:48}",),
    "google-api-key": ("AI|za{u64:35}",),
    "google-oauth-secret": ("GOC|SPX-{u64:28}",),
    "google-access-token": ("ya|29.{u64:150}",),
    "google-refresh-token": ("1/|/0{b62:1}{u64:100}",),
    "firebase-server-key": ("AAA|A{u64:7}:APA|91b{u64:134}",),
    "azure-client-secret": ("{b62:3}8|Q~{b62:34}",),
    "azure-devops-token": ("{b62:76}AZ|DO{b62:4}",),
    "azure-functions-key": ("{u64:44}Az|Fu{u64:5}Q==",),
    "azure-search-key": ("{b62:42}Az|SeB{b62:5}",),
    "digitalocean-token": ("do|p_v1_{hex:64}", "do|o_v1_{hex:64}", "do|r_v1_{hex:64}"),
    "heroku-key": (f"HR|KU-{UUID}", "HR|KU-AA{u64:58}"),
    "flyio-token": ("fm|2_lJPECAAAA{b62:100}", "fo|1_{u64:43}"),
    "netlify-token": ("nf|p_{b62:36}",),
    "render-key": ("rn|d_{b62:32}",),
    "vercel-token": ("vc|p_{b62:56}",),
    "cloudflare-token": ("cf|ut_{b62:40}{hex:8}", "cf|at_{b62:40}{hex:8}", "cf|k_{b62:40}{hex:8}"),
    "cloudflare-origin-key": ("v1.|0-{hex:24}-{hex:146}",),
    "alibaba-access-key": ("LT|AI5t{b62:18}\nsecret: {b62:30}\n",),
    "tencent-secret-id": ("AK|ID{b62:32}",),
    "yandex-cloud-key": ("AQ|VN{u64:35}",),
    "yandex-cloud-token": ("t1|.{u64:60}.{u64:86}",),
    "planetscale-token": ("pscale|_tkn_{b62:43}", "pscale|_oauth_{b62:43}", "pscale|_pw_{b62:43}"),
    "supabase-token": ("sb|p_{hex:40}",),
    "supabase-secret-key": ("sb_|secret_{u64:31}",),
    "neon-key": ("nap|i_{low:64}",),
    "mongodb-atlas-secret": ("mdb_|sa_sk_{u64:40}",),
    "databricks-token": ("dap|i{hex:32}", "dap|i{hex:32}-2"),
    "dbt-token": ("dbt|c_{u64:50}", "dbt|u_{u64:40}"),
    "openshift-token": ("sha256|~{u64:43}",),
    "vault-token": ("hv|s.{b62:24}", "hv|b.{u64:138}", "hv|r.{u64:90}"),
    "terraform-cloud-token": ("{b62:14}.atlas|v1.{b62:67}",),
    "doppler-token": ("dp.|pt.{b62:43}", "dp.|st.{b62:43}"),
    "pulumi-token": ("pu|l-{hex:40}",),
    "infracost-key": ("ic|o-{b62:32}",),
    "prefect-key": ("pn|u_{b62:36}",),
    "onepassword-service-token": ("ops|_eyJzaWduSW5BZGRyZXNzIjoi{b62:300}",),
    "onepassword-secret-key": ("A|3-{upp:6}-{upp:6}-{upp:5}-{upp:5}-{upp:5}-{upp:5}",),
    "tailscale-key": ("ts|key-auth-{b62:12}CNTRL-{b62:32}", "ts|key-api-{b62:12}CNTRL-{b62:32}"),
    "age-secret-key": ("AGE-SECRET|-KEY-1{bec:52}{bech32}",),
    "zoho-token": ("1000|.{hex:32}.{hex:32}",),
    "launchdarkly-key": (f"sd|k-{UUID}", f"ap|i-{UUID}"),
    "grafana-token": ("gl|sa_{b62:32}_{grafana}",),
    "grafana-cloud-token": ("gl|c_eyJvIjoi{b62:100}",),
    "grafana-api-key": ("{grafana_key}",),
    "new-relic-user-key": ("NR|AK-{upp:27}",),
    "new-relic-insert-key": ("NR|II-{u64:32}", "NR|IQ-{u64:32}"),
    "new-relic-license-key": ("{hex:32}FFFF|NRAL",),
    "dynatrace-token": ("dt0|c01.{b32:24}.{b32:64}", "dt0|s01.{b32:24}.{b32:64}"),
    "sentry-org-token": ("sntr|ys_eyJpYXQiO{b62:120}_{b62:43}",),
    "sentry-user-token": ("sntr|yu_{hex:64}",),
    "posthog-personal-key": ("ph|x_{b62:43}",),
    "honeycomb-key": ("hca|ik_{low:58}", "hcx|ik_{low:58}"),
    "segment-token": ("sg|p_{b62:64}",),
    "sourcegraph-token": ("sg|p_{hex:16}_{hex:40}", "sg|p_{hex:40}"),
    "openai-key": ("s|k-{b62:20}T3Blb|kFJ{b62:20}", "s|k-proj-{u64:74}T3Blb|kFJ{u64:74}"),
    "anthropic-key": ("sk-|ant-api03-{u64:93}AA", "sk-|ant-admin01-{u64:93}AA", "sk-|ant-oat01-{u64:93}AA"),
    "openrouter-key": ("sk-|or-v1-{hex:64}",),
    "langfuse-key": (f"sk-|lf-{UUID}",),
    "langsmith-key": ("lsv2|_pt_{hex:32}_{hex:10}", "lsv2|_sk_{hex:32}_{hex:10}"),
    "huggingface-token": ("h|f_{abc:34}",),
    "huggingface-org-token": ("api|_org_{abc:34}",),
    "replicate-token": ("r|8_{b62:37}",),
    "groq-key": ("gs|k_{b62:52}",),
    "xai-key": ("xa|i-{b62:80}",),
    "perplexity-key": ("pp|lx-{b62:48}",),
    "fireworks-key": ("f|w_{b62:24}",),
    "cerebras-key": ("cs|k-{low:48}",),
    "nvidia-key": ("nv|api-{u64:64}",),
    "pinecone-key": ("pc|sk_{b62:6}_{b62:63}",),
    "tavily-key": ("tv|ly-{b62:32}", "tv|ly-dev-{b62:32}"),
    "elevenlabs-key": ("s|k_{hex:48}",),
    "wandb-key": ("wan|db_v1_{b62:77}",),
    "linear-key": ("lin|_api_{b62:40}",),
    "linear-oauth-token": ("lin|_oauth_{hex:64}",),
    "notion-token": ("nt|n_{nul:11}{b62:35}",),
    "notion-legacy-token": ("sec|ret_{b62:43}",),
    "postman-key": ("PM|AK-{hex:24}-{hex:34}",),
    "postman-collection-key": ("PM|AT-{upp:26}",),
    "airtable-token": ("pa|t{b62:14}.{hex:64}",),
    "figma-token": ("fig|d_{u64:40}", "fig|o_{u64:40}"),
    "hubspot-token": (f"pat-|na1-{UUID}", f"pat-|eu1-{UUID}"),
    "typeform-token": ("tf|p_{b62:44}_{b62:14}",),
    "contentful-token": ("CF|PAT-{u64:43}",),
    "readme-key": ("rd|me_{low:70}",),
    "dropbox-token": ("s|l.u.{u64:140}", "s|l.{u64:140}"),
    "frameio-token": ("fi|o-u-{u64:64}",),
    "mapbox-secret-token": ("sk|.eyJ1Ijoi{b62:60}.{u64:22}",),
    "lichess-token": ("li|p_{b62:20}",),
    "adafruit-key": ("ai|o_{b62:28}",),
    "facebook-token": ("EA|ACEdEose0cBA{b62:120}", "EA|AG{b62:160}"),
    "azure-sas-signature": ("https://a.blob.core.test/b?sv=2024-01-01&se=2030-01-01&sr=b&si|g={b62:43}%3D",),
    "json-web-token": ("{jwt}",),
}

# Name and recipe of the value.
NAMED: dict[str, tuple[str, str]] = {
    "aws-secret-key": ("AWS_SECRET_ACCESS_KEY", "{b64:40}"),
    "azure-storage-key": ("AccountKey", "{b64:86}=="),
    "azure-shared-access-key": ("SharedAccessKey", "{b64:43}="),
    "twilio-token": ("TWILIO_AUTH_TOKEN", "{hex:32}"),
    "datadog-key": ("DD_API_KEY", "{hex:32}"),
    "algolia-key": ("ALGOLIA_ADMIN_API_KEY", "{hex:32}"),
    "mistral-key": ("MISTRAL_API_KEY", "{b62:32}"),
    "cohere-key": ("COHERE_API_KEY", "{b62:40}"),
    "deepseek-key": ("DEEPSEEK_API_KEY", "s|k-{hex:32}"),
    "stability-key": ("STABILITY_API_KEY", "s|k-{b62:48}"),
    "assemblyai-key": ("ASSEMBLYAI_API_KEY", "{hex:32}"),
    "deepgram-key": ("DEEPGRAM_API_KEY", "{hex:40}"),
    "rollbar-token": ("ROLLBAR_ACCESS_TOKEN", "{hex:32}"),
    "fastly-token": ("FASTLY_API_TOKEN", "{u64:32}"),
    "linode-token": ("LINODE_TOKEN", "{hex:64}"),
    "hetzner-token": ("HCLOUD_TOKEN", "{b62:64}"),
    "vultr-key": ("VULTR_API_KEY", "{upp:36}"),
    "scaleway-key": ("SCW_SECRET_KEY", UUID),
    "snyk-token": ("SNYK_TOKEN", UUID),
    "codecov-token": ("CODECOV_TOKEN", UUID),
    "postmark-token": ("POSTMARK_SERVER_TOKEN", UUID),
    "consul-token": ("CONSUL_HTTP_TOKEN", UUID),
    "splunk-token": ("SPLUNK_HEC_TOKEN", UUID),
    "opsgenie-key": ("OPSGENIE_API_KEY", UUID),
    "pagerduty-key": ("PAGERDUTY_TOKEN", "{b62:20}"),
    "travis-token": ("TRAVIS_TOKEN", "{b62:22}"),
    "gitea-token": ("GITEA_TOKEN", "{hex:40}"),
    "jenkins-token": ("JENKINS_API_TOKEN", "11{hex:32}"),
    "github-oauth-secret": ("GITHUB_CLIENT_SECRET", "{hex:40}"),
    "okta-token": ("OKTA_API_TOKEN", "00{u64:40}"),
    "auth0-secret": ("AUTH0_CLIENT_SECRET", "{u64:64}"),
    "trello-token": ("TRELLO_TOKEN", "{hex:64}"),
    "asana-token": ("ASANA_ACCESS_TOKEN", "1/{nul:16}:{hex:32}"),
    "slack-signing-secret": ("SLACK_SIGNING_SECRET", "{hex:32}"),
    "discord-client-secret": ("DISCORD_CLIENT_SECRET", "{u64:32}"),
    "facebook-app-secret": ("FACEBOOK_APP_SECRET", "{hex:32}"),
    "twitter-secret": ("TWITTER_CONSUMER_SECRET", "{b62:50}"),
    "spotify-secret": ("SPOTIFY_CLIENT_SECRET", "{hex:32}"),
    "twitch-secret": ("TWITCH_CLIENT_SECRET", "{low:30}"),
    "zendesk-token": ("ZENDESK_API_TOKEN", "{b62:40}"),
    "plaid-secret": ("PLAID_SECRET", "{hex:30}"),
    "razorpay-secret": ("RAZORPAY_SECRET_KEY", "{b62:24}"),
    "mixpanel-secret": ("MIXPANEL_SECRET", "{hex:32}"),
    "infura-key": ("INFURA_API_KEY", "{hex:32}"),
    "kaggle-key": ("KAGGLE_KEY", "{hex:32}"),
    "alibaba-secret": ("ALIYUN_SECRET_KEY", "{b62:30}"),
    "tencent-secret-key": ("TENCENTCLOUD_SECRET_KEY", "{b62:32}"),
    "wireguard-key": ("PrivateKey", "{b62:42}A="),
    "hex-private-key": ("DOTENV_PRIVATE_KEY_PRODUCTION", "{hex:64}"),
    "rails-secret-key-base": ("SECRET_KEY_BASE", "{hex:128}"),
    "laravel-app-key": ("APP_KEY", "base64:{b64:43}="),
    "django-secret-key": ("SECRET_KEY", "{low:12}@!{low:12}-_{low:22}"),
    # Formats that have a mark of their own in their newer kinds.
    "azure-client-secret": ("AZURE_CLIENT_SECRET", "{b62:3}8|Q~{b62:10}.{b62:23}"),
    "aws-session-token": ("AWS_SESSION_TOKEN", "IQoJb3|JpZ2lu+{b64:180}=="),
    "heroku-key": ("HEROKU_API_KEY", UUID),
    "cloudflare-token": ("CLOUDFLARE_API_TOKEN", "{u64:40}"),
    "new-relic-license-key": ("NEW_RELIC_LICENSE_KEY", "{hex:40}"),
    "wandb-key": ("WANDB_API_KEY", "{hex:40}"),
    "circleci-token": ("CIRCLE_TOKEN", "{hex:40}"),
    "vault-token": ("VAULT_TOKEN", "s.{b62:24}"),
    "doppler-token": ("DOPPLER_TOKEN", "dp.|st.prd_eu.{b62:43}"),
}

_PART = re.compile(r"\{(\w+)(?::([0-9]+))?\}")


def drawn(recipe: str, seed: object, letters: dict[str, str] | None = None) -> str:
    """A token of a recipe; the same for the same seed. `letters` replaces alphabets, for look-alikes."""
    lot = random.Random(f"{recipe} {seed}")
    out = ""
    at = 0
    for part in _PART.finditer(recipe):
        out += recipe[at : part.start()].replace("|", "")
        name, length = part[1], int(part[2] or 0)
        if length:
            alphabet = (letters or {}).get(name, ALPHABETS[name])
            text = "".join(lot.choices(alphabet, k=length))
            # One in thirty of 20 characters has no digit, and is taken for words.
            while name in ("b62", "u64") and length >= 20 and text.isalpha() and not letters:
                text = "".join(lot.choices(alphabet, k=length))
            out += text
        else:
            out += _special(name, out, lot)
        at = part.end()
    return out + recipe[at:].replace("|", "")


def _special(name: str, before: str, lot: random.Random) -> str:
    token = before.rpartition("\n")[2]
    if name == "crc62":
        return base62_checksum(token[4:])
    if name == "crc36":
        return base36_checksum(token)
    if name == "grafana":
        return grafana_checksum(token.rstrip("_"))
    if name == "bech32":
        prefix, _, body = token.lower().rpartition("1")
        return bech32_checksum(prefix, body).upper()
    text = "".join(lot.choices(ALPHABETS["b62"], k=32))
    if name == "bedrock":
        return _base64(f"BedrockAPIKey-{text[:4]}-at-123456789012:{text}{text}")
    if name == "snowflake":
        return _base64(str(lot.randrange(10**17, 10**18)))
    if name == "grafana_key":
        return _base64('{"k":"' + text + '","n":"ci","id":1}' + " " * 18)
    assert name == "jwt", name
    return ".".join((_base64('{"alg":"HS256","typ":"JWT"}'), _base64('{"sub":"' + text + '"}'), text + text[:11]))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode().rstrip("=")
