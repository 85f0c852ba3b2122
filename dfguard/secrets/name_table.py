"""File names that hold secrets: data for names.py.

Every row is (kind, confidence, detector, content_decides); kinds read after "this is a" or "an". All names
are lower case. `content_decides` says that files of this name are as often harmless, so that a file
that can be read must show a credential to count (an `.npmrc` with a registry only, a `.pem` with a
certificate).
"""

from __future__ import annotations

Row = tuple[str, str, str, bool]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PRIVATE_KEY = ("private key", "high", "private-key-file", False)
_DOTENV = ("environment file", "medium", "environment-file", False)

# The whole file name.
FILES: dict[str, Row] = {
    ".env": _DOTENV,
    ".dev.vars": _DOTENV,
    ".env.keys": ("key file of dotenvx", "high", "environment-file", False),
    ".envrc": ("direnv file", "low", "environment-file", False),
    ".renviron": ("environment file of R", "low", "environment-file", False),
    "id_rsa": _PRIVATE_KEY,
    "id_dsa": _PRIVATE_KEY,
    "id_ecdsa": _PRIVATE_KEY,
    "id_ecdsa_sk": _PRIVATE_KEY,
    "id_ed25519": _PRIVATE_KEY,
    "id_ed25519_sk": _PRIVATE_KEY,
    "ssh_host_rsa_key": _PRIVATE_KEY,
    "ssh_host_dsa_key": _PRIVATE_KEY,
    "ssh_host_ecdsa_key": _PRIVATE_KEY,
    "ssh_host_ed25519_key": _PRIVATE_KEY,
    "secring.gpg": ("secret key ring of GnuPG", "high", "private-key-file", False),
    "master.key": ("master key", "medium", "rails-key", False),
    "deploy_key": ("private key", "medium", "private-key-file", True),
    ".npmrc": ("npm configuration with credentials", "medium", "npm-config", True),
    ".yarnrc.yml": ("Yarn configuration", "low", "yarn-config", True),
    ".pypirc": ("PyPI credentials file", "high", "pypi-config", True),
    "pip.conf": ("pip configuration", "low", "pip-config", True),
    "pip.ini": ("pip configuration", "low", "pip-config", True),
    ".netrc": ("netrc credentials file", "high", "netrc", True),
    "_netrc": ("netrc credentials file", "high", "netrc", True),
    ".git-credentials": ("git credentials file", "high", "git-credentials", True),
    ".dockercfg": ("Docker registry credentials file", "high", "docker-config", True),
    ".dockerconfigjson": ("Docker registry credentials file", "high", "docker-config", True),
    "kubeconfig": ("Kubernetes credentials file", "high", "kubeconfig", True),
    "kubeconfig.yml": ("Kubernetes credentials file", "high", "kubeconfig", True),
    "kubeconfig.yaml": ("Kubernetes credentials file", "high", "kubeconfig", True),
    "application_default_credentials.json": ("Google Cloud credentials file", "high", "gcloud-credentials", True),
    "terraform.tfvars": ("Terraform variables file", "low", "terraform-variables", True),
    "terraform.tfvars.json": ("Terraform variables file", "low", "terraform-variables", True),
    "secrets.tfvars": ("Terraform variables file", "medium", "terraform-variables", False),
    "credentials.tfrc.json": ("Terraform credentials file", "high", "terraform-credentials", True),
    ".terraformrc": ("Terraform configuration", "low", "terraform-credentials", True),
    ".pgpass": ("PostgreSQL password file", "high", "pgpass", True),
    "pgpass.conf": ("PostgreSQL password file", "high", "pgpass", True),
    ".my.cnf": ("MySQL client configuration with a password", "medium", "mysql-config", True),
    ".mylogin.cnf": ("MySQL login file", "high", "mysql-config", False),
    ".htpasswd": ("password file of a web server", "medium", "htpasswd", True),
    "htpasswd": ("password file of a web server", "low", "htpasswd", True),
    ".vault-token": ("Vault token", "high", "vault-token-file", False),
    ".vault_pass": ("Ansible Vault password file", "high", "ansible-vault-password", False),
    ".vault_pass.txt": ("Ansible Vault password file", "high", "ansible-vault-password", False),
    ".vault_password": ("Ansible Vault password file", "high", "ansible-vault-password", False),
    ".s3cfg": ("S3 credentials file", "high", "aws-credentials", True),
    ".boto": ("S3 credentials file", "medium", "aws-credentials", True),
    ".passwd-s3fs": ("S3 credentials file", "high", "aws-credentials", True),
    ".databrickscfg": ("Databricks credentials file", "high", "databricks-config", True),
    "rclone.conf": ("rclone configuration with credentials", "medium", "rclone-config", True),
    "wp-config.php": ("WordPress configuration with a password", "medium", "wordpress-config", False),
    "secrets.yml": ("secrets file", "low", "secrets-file", True),
    "secrets.yaml": ("secrets file", "low", "secrets-file", True),
    "secrets.json": ("secrets file", "low", "secrets-file", True),
    "secrets.toml": ("secrets file", "low", "secrets-file", True),
    "secret.yml": ("secrets file", "low", "secrets-file", True),
    "secret.yaml": ("secrets file", "low", "secrets-file", True),
    "secret.json": ("secrets file", "low", "secrets-file", True),
    ".secrets": ("secrets file", "medium", "secrets-file", False),
    ".secret": ("secrets file", "medium", "secrets-file", False),
    "credentials.json": ("credentials file", "low", "credentials-file", True),
    "credentials.yml": ("credentials file", "low", "credentials-file", True),
    "credentials.yaml": ("credentials file", "low", "credentials-file", True),
    "credentials.xml": ("credentials file", "low", "credentials-file", True),
    "password.txt": ("password file", "medium", "password-file", False),
    "passwords.txt": ("password file", "low", "password-file", False),
    "auth.json": ("credentials file", "low", "composer-auth", True),
}

# The file name where its folder says what it is: (folder, file name).
FILES_IN_FOLDER: dict[tuple[str, str], Row] = {
    (".docker", "config.json"): ("Docker registry credentials file", "medium", "docker-config", True),
    (".kube", "config"): ("Kubernetes credentials file", "high", "kubeconfig", True),
    (".aws", "credentials"): ("AWS credentials file", "high", "aws-credentials", True),
    (".aws", "config"): ("AWS configuration", "low", "aws-credentials", True),
    (".cargo", "credentials"): ("Cargo credentials file", "high", "cargo-credentials", True),
    (".cargo", "credentials.toml"): ("Cargo credentials file", "high", "cargo-credentials", True),
    (".gem", "credentials"): ("RubyGems credentials file", "high", "gem-credentials", True),
    (".composer", "auth.json"): ("Composer credentials file", "high", "composer-auth", True),
    ("composer", "auth.json"): ("Composer credentials file", "medium", "composer-auth", True),
    ("gcloud", "credentials.db"): ("Google Cloud credentials file", "high", "gcloud-credentials", False),
    ("gcloud", "access_tokens.db"): ("Google Cloud credentials file", "high", "gcloud-credentials", False),
    ("gh", "hosts.yml"): ("GitHub CLI credentials file", "high", "github-cli", True),
    (".azure", "accesstokens.json"): ("Azure credentials file", "high", "azure-credentials", True),
    (".azure", "msal_token_cache.json"): ("Azure credentials file", "high", "azure-credentials", True),
    (".streamlit", "secrets.toml"): ("secrets file of Streamlit", "medium", "secrets-file", False),
    (".m2", "settings.xml"): ("Maven settings", "low", "maven-settings", True),
    (".m2", "settings-security.xml"): ("Maven master password", "medium", "maven-settings", True),
}

# What follows the last dot.
EXTENSIONS: dict[str, Row] = {
    "p12": ("PKCS #12 key store", "medium", "key-store", False),
    "pfx": ("PKCS #12 key store", "medium", "key-store", False),
    "pkcs12": ("PKCS #12 key store", "medium", "key-store", False),
    "jks": ("Java key store", "medium", "key-store", False),
    "jceks": ("Java key store", "medium", "key-store", False),
    "bks": ("Java key store", "medium", "key-store", False),
    "keystore": ("Java key store", "medium", "key-store", False),
    "ppk": ("private key of PuTTY", "high", "private-key-file", False),
    "kdbx": ("KeePass database", "high", "password-database", False),
    "kdb": ("KeePass database", "medium", "password-database", False),
    "pem": ("key or certificate in PEM", "medium", "pem-file", True),
    "key": ("private key", "medium", "pem-file", True),
    "pk8": ("private key", "medium", "pem-file", True),
    "tfstate": ("Terraform state, which holds secrets in plain text", "medium", "terraform-state", True),
    "kubeconfig": ("Kubernetes credentials file", "high", "kubeconfig", True),
    "agekey": ("private key of age", "high", "private-key-file", False),
    "ovpn": ("OpenVPN profile", "low", "openvpn-profile", True),
    "mobileprovision": ("Apple provisioning profile", "low", "provisioning-profile", False),
}

# Words of a file name (parts between dots, dashes and underscores) that make it a template.
TEMPLATE_WORDS = _words(
    """
    default defaults dist example examples sample samples schema skel stub template templates tmpl tpl j2
    erb mustache vault enc encrypted sops age gpg py js ts go rs rb java php d md html cs mjs cjs sh
    """
)

# Stems of `<stem>.env` that name a deployment or say secret; other stems are often plain settings.
ENVIRONMENT_WORDS = _words(
    """
    app backend credentials database db dev development docker live local postgres private prod production
    secret secrets server stage staging uat
    """
)
TEST_WORDS = _words("ci e2e test testing tests")

# PEM files that are public by their name; a word of PRIVATE_WORDS beats them.
CERTIFICATE_WORDS = _words(
    """
    bundle ca cabundle cacert cacerts cert certificate certificates certs chain crl csr dh dh1024 dh2048
    dh4096 dhparam dhparams fullchain root roots trust truststore
    """
)
PUBLIC_WORDS = _words("pub public pubkey publickey")
PRIVATE_WORDS = _words("key keys priv private privkey privatekey")
# Keys of package repositories: `nginx_signing.key`, `docker-archive-keyring.key`.
REPOSITORY_KEY_WORDS = _words("apt archive gpg keyring pgp release releases repo repository rpm signing")

# Folders of other people's code and of tests: a name alone says little there.
THIRD_PARTY_FOLDERS = _words(
    """
    site-packages dist-packages node_modules bower_components vendor third_party third-party
    """
)
TEST_FOLDERS = _words(
    """
    test tests testdata testing test-data test_data __tests__ fixture fixtures spec specs e2e example
    examples sample samples doc docs man1 man2 man3 man4 man5 man6 man7 man8
    """
)

# What distributions put into /usr/share, numbers of versions left out; applications may lie there, too.
SHARED_FOLDERS = _words(
    "go info java javascript man mariadb maven-repo mysql nodejs perl php postgresql python ruby rubygems-integration"
)

# First words of the names of files that are examples: `examples-1.json`.
EXAMPLE_WORDS = _words("example examples sample samples")

# Parts of the names of test files, ends of the names of documents.
TEST_MARKS = (".spec.", ".test.", "_spec.", "_test.", "-test.")
DOCUMENT_ENDINGS = (".adoc", ".md", ".mdx", ".rst")

# Beginnings of JSON file names that hold a service account's key.
SERVICE_ACCOUNT_STEMS = ("service-account", "service_account", "serviceaccount", "gcp-key", "gcloud-service-key")

# Extensions of files of settings; of `.env` and other names without a stem, too.
SETTINGS_EXTENSIONS = _words(
    """
    cfg cnf conf config env envrc hcl ini json npmrc properties pypirc s3cfg tfstate tfvars toml xml yaml yml
    """
)
