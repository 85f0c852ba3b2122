"""What marks each kind of file of credentials, and under which keys it keeps them: data for `find`.

Written from the programs' own documentation. Marks are alternatives of byte strings that must all be there (without
any the first line tells). A path of keys is joined by `/`, several by `, `; `*` stands for any text within a key, `**`
for any number of keys, `%` for `/` itself, `[]` for the name of a section. Case does not count. What follows the paths
is the check of `judges` that the value must pass.
"""

from __future__ import annotations

from dfguard.secrets.files import forms
from dfguard.struct import Struct

Marks = tuple[tuple[bytes, ...], ...]
_YAML, _JSON, _INI, _PAIRS = (forms.YAML,), (forms.JSON,), (forms.INI,), (forms.INI, forms.PAIRS)
_RECORDS = (forms.LINES, forms.PAIRS, forms.YAML)


# One of these is in every file of a syntax that holds a credential, so that most need no look at the marks.
HINTS: dict[str, tuple[bytes, ...]] = {
    forms.JSON: (b'"auth', b'oken"', b"ecret", b"assword", b"private_key", b"terraform_version", b"-oauth", b'"bearer"',
                 b'"http-basic"'),
    forms.YAML: (b"ecret", b"oken", b"Auth", b"assword", b"users:", b"BUNDLE_", b"api_key"),
    forms.INI: (b"assword", b"ecret", b"oken", b"://", b"rivateKey", b"xtra", b"auth", b"pass", b"key"),
    forms.PAIRS: (b"assword", b"_auth", b"ecret", b"oken", b"://", b"ApiKey", b"pass", b"key"),
    forms.XML: (b"assword", b"<Pass", b"passphrase", b"<master", b"plugins.credentials"),
    forms.NETRC: (b"password",),
    forms.LINES: (),
}  # fmt: skip


class FileKind(Struct):
    """A kind of file: `kind` reads after "this is a", `secret` is what it holds, `keys` pairs of paths and check."""

    id: str
    kind: str
    secret: str
    forms: tuple[str, ...]
    marks: Marks
    keys: tuple[tuple[str, str], ...]


def _row(name: str, kind: str, secret: str, syntax: tuple[str, ...], marks: Marks, *keys: tuple[str, str]) -> FileKind:
    return FileKind(name, kind, secret, syntax, marks, keys)


_KUBE_KEYS = (
    ("users/*/user/client-key-data", "encoded_key"),
    ("users/*/user/token, users/*/user/password", "secret"),
    ("users/*/user/auth-provider/config/*-token, users/*/user/auth-provider/config/client-secret", "secret"),
)
_KUBE_SECRET_KEYS = (
    ("data/*, items/*/data/*", "kubernetes_data"),
    ("stringData/*, items/*/stringData/*", "kubernetes_text"),
)

KINDS: tuple[FileKind, ...] = (
    # https://github.com/docker/cli/blob/master/cli/config/types/authconfig.go
    _row("docker-config", "Docker registry credentials file", "login of a Docker registry", _JSON,
         ((b'"auths"', b'"auth"'), (b'"identitytoken"',), (b'"registrytoken"',), (b'"auth"', b'"email"')),
         ("auths/*/auth, */auth", "login"), ("auths/*/password, auths/*/*token", "secret")),
    # https://google.aip.dev/auth/4112
    _row("gcloud-service-account", "key of a Google Cloud service account", "Google Cloud key", _JSON,
         ((b'"service_account"', b'"private_key"'),), ("private_key", "key")),
    _row("gcloud-credentials", "Google Cloud credentials file", "Google Cloud credential", _JSON,
         ((b'"authorized_user"', b'"refresh_token"'),), ("refresh_token, client_secret", "secret")),
    # https://developers.google.com/identity/protocols/oauth2/native-app
    _row("oauth-client", "OAuth client secret", "OAuth client secret", _JSON,
         ((b'"client_secret"', b'"installed"'), (b'"client_secret"', b'"auth_uri"')),
         ("installed/client_secret, web/client_secret", "secret")),
    # https://learn.microsoft.com/azure/developer/github/connect-from-azure, MSAL's cache, ADAL's before it
    _row("azure-credentials", "Azure credentials file", "Azure credential", _JSON,
         ((b'"clientSecret"', b'"tenantId"'), (b'"password"', b'"tenant"', b'"appId"'),
          (b'"RefreshToken"', b'"secret"'), (b'"refreshToken"', b'"_authority"'), (b'"accessToken"', b'"tokenType"')),
         ("clientSecret, password, RefreshToken/*/secret, AccessToken/*/secret", "secret"),
         ("*/accessToken, */refreshToken, */servicePrincipalKey, accessToken, refreshToken", "secret")),
    # https://developer.hashicorp.com/terraform/language/state/sensitive-data
    _row("terraform-state", "Terraform state with secrets in plain text", "secret in a Terraform state", _JSON,
         ((b'"terraform_version"', b'"outputs"'), (b'"terraform_version"', b'"resources"'),
          (b'"terraform_version"', b'"modules"')),
         ("outputs/*/value, outputs/*/value/**, modules/*/outputs/*/value", "sensitive_output"),
         ("resources/*/instances/*/attributes/*, resources/*/instances/*/attributes/**/*", "attribute"),
         ("modules/*/resources/*/primary/attributes/*", "attribute")),
    # https://developer.hashicorp.com/terraform/cli/config/config-file#credentials-1
    _row("terraform-credentials", "Terraform credentials file", "token of Terraform", _JSON,
         ((b'"credentials"', b'"token"'),), ("credentials/*/token", "secret")),
    _row("terraform-credentials", "Terraform credentials file", "token of Terraform", _PAIRS,
         ((b'credentials "', b"token"),), ("credentials */token", "secret")),
    # https://getcomposer.org/doc/articles/authentication-for-private-packages.md
    _row("composer-auth", "Composer credentials file", "credential of Composer", _JSON,
         ((b'"http-basic"',), (b'"github-oauth"',), (b'"gitlab-token"',), (b'"gitlab-oauth"',), (b'"bitbucket-oauth"',),
          (b'"bearer"',)),
         ("http-basic/*/password, github-oauth/*, gitlab-token/*, gitlab-oauth/*, bearer/*", "secret"),
         ("gitlab-token/*/token, bitbucket-oauth/*/consumer-secret, config/github-oauth/*", "secret"),
         ("config/http-basic/*/password, config/gitlab-token/*", "secret")),
    # https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
    _row("aws-credentials", "AWS credentials file", "AWS credential", _JSON,
         ((b'"SecretAccessKey"',), (b'"accessToken"', b'"startUrl"'), (b'"clientSecret"', b'"startUrl"')),
         ("**/SecretAccessKey, **/SessionToken", "aws"), ("accessToken, refreshToken, clientSecret", "secret")),
    _row("aws-credentials", "AWS credentials file", "AWS credential", _INI,
         ((b"aws_secret_access_key",), (b"aws_session_token",)),
         ("*/aws_secret_access_key, */aws_session_token", "aws")),
    # https://s3tools.org/kb/item14.htm, https://cloud.google.com/storage/docs/boto-gsutil
    _row("s3-credentials", "S3 credentials file", "S3 credential", _INI,
         ((b"access_key", b"secret_key", b"[default]"), (b"gs_secret_access_key",), (b"gs_oauth2_refresh_token",)),
         ("default/secret_key, default/access_token, default/gpg_passphrase", "secret"),
         ("*/gs_secret_access_key, */gs_oauth2_refresh_token", "secret")),
    # https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
    _row("kubeconfig", "Kubernetes credentials file", "credential of a Kubernetes user", _YAML,
         ((b"users:", b"clusters:"), (b"users:", b"contexts:")), *_KUBE_KEYS),
    _row("kubeconfig", "Kubernetes credentials file", "credential of a Kubernetes user", _JSON,
         ((b'"users"', b'"clusters"'),), *_KUBE_KEYS),
    # https://kubernetes.io/docs/concepts/configuration/secret/
    _row("kubernetes-secret", "Kubernetes Secret with its values", "value of a Kubernetes Secret", _YAML,
         ((b"kind: Secret",), (b'kind: "Secret"',)), *_KUBE_SECRET_KEYS),
    _row("kubernetes-secret", "Kubernetes Secret with its values", "value of a Kubernetes Secret", _JSON,
         ((b'"kind": "Secret"',), (b'"kind":"Secret"',)), *_KUBE_SECRET_KEYS),
    # https://yarnpkg.com/configuration/yarnrc
    _row("yarn-config", "Yarn configuration with credentials", "npm credential", _YAML, ((b"npmAuth",),),
         ("npmAuthToken, npmRegistries/*/npmAuthToken, npmScopes/*/npmAuthToken", "secret"),
         ("npmAuthIdent, npmRegistries/*/npmAuthIdent, npmScopes/*/npmAuthIdent", "pair")),
    # https://cli.github.com/manual/gh_auth_login, https://hub.github.com/hub.1.html
    _row("github-cli", "GitHub CLI credentials file", "GitHub token", _YAML, ((b"oauth_token",),),
         ("*/oauth_token, */*/oauth_token, */users/*/oauth_token", "secret")),
    _row("gitlab-cli", "GitLab CLI credentials file", "GitLab token", _YAML, ((b"hosts:", b"token:", b"api_host:"),),
         ("hosts/*/token, hosts/*/job_token", "secret")),
    # https://guides.rubygems.org/command-reference/#gem-signin
    _row("gem-credentials", "RubyGems credentials file", "RubyGems key", _YAML,
         ((b"rubygems_api_key:",),), ("*", "secret")),
    # https://bundler.io/man/bundle-config.1.html
    _row("bundle-config", "Bundler configuration with credentials", "credential of a gem server", _YAML,
         ((b"BUNDLE_",),), ("BUNDLE_*__*", "bundler")),
    # https://helm.sh/docs/helm/helm_repo_add/, https://docs.digitalocean.com/reference/doctl/
    _row("helm-repositories", "Helm repository file with credentials", "password of a Helm repository", _YAML,
         ((b"repositories:", b"password:"),), ("repositories/*/password", "secret")),
    _row("doctl-config", "DigitalOcean CLI credentials file", "DigitalOcean token", _YAML,
         ((b"access-token:", b"context:"),), ("access-token, auth-contexts/*", "secret")),
    # https://docs.npmjs.com/cli/configuring-npm/npmrc#auth-related-configuration
    _row("npm-config", "npm configuration with credentials", "npm credential", _PAIRS,
         ((b":_auth",), (b":_password",), (b"_auth=",), (b"_auth =",), (b"_authToken",)),
         ("/_authToken, /%%*:_authToken", "secret"), ("/_auth, /%%*:_auth", "login"),
         ("/_password, /%%*:_password", "encoded_password")),
    # https://packaging.python.org/specifications/pypirc/
    _row("pypi-config", "PyPI credentials file", "PyPI credential", _INI,
         ((b"[distutils]", b"password"), (b"[pypi]", b"password"), (b"[testpypi]", b"password"),
          (b"repository", b"username", b"password", b"://")),
         ("*/password", "pypi"), ("*/repository", "address")),
    # https://pip.pypa.io/en/stable/topics/configuration/
    _row("pip-config", "pip configuration with credentials", "password in the address of a package index", _INI,
         ((b"index-url", b"@"), (b"find-links", b"@"), (b"index_url", b"@")),
         ("*/index-url, */extra-index-url, */find-links, */index_url, */extra_index_url", "address")),
    # https://python-poetry.org/docs/repositories/#configuring-credentials
    _row("poetry-auth", "Poetry credentials file", "credential of a package index", _INI,
         ((b"[http-basic",), (b"[pypi-token",)), ("http-basic*/password, pypi-token*/*", "secret")),
    # https://doc.rust-lang.org/cargo/reference/config.html#credentials
    _row("cargo-credentials", "Cargo credentials file", "token of a Cargo registry", _INI,
         ((b"[registry]", b"token"), (b"[registries", b"token")),
         ("registry/token, registries*/token, registry/secret-key, registries*/secret-key", "secret")),
    # https://dev.mysql.com/doc/refman/8.4/en/option-files.html
    _row("mysql-config", "MySQL client configuration with a password", "MySQL password", _INI,
         ((b"[client", b"password"), (b"[mysql", b"password"), (b"[mariadb", b"password")),
         ("client*/password, mysql*/password, mariadb*/password", "secret")),
    # https://git-scm.com/docs/git-config
    _row("git-config", "Git configuration with credentials", "credential in Git's configuration", _INI,
         ((b"[remote ", b"@"), (b"[url ", b"@"), (b"[submodule ", b"@"), (b"extraheader",), (b"extraHeader",)),
         ("remote */*url, submodule */url, url */insteadOf, url */[]", "address"), ("http*/extraheader", "header")),
    # https://rclone.org/docs/#configuration-encryption
    _row("rclone-config", "rclone configuration with credentials", "credential of rclone", _INI,
         ((b"type = ",),),
         ("*/pass, */password2, */bearer_token_pass, */crypt_password", "obscured"),
         ("*/secret_access_key, */client_secret, */token, */sas_url, */key, */api_key, */access_token", "rclone")),
    # https://docs.databricks.com/dev-tools/auth/config-profiles
    _row("databricks-config", "Databricks credentials file", "Databricks credential", _INI,
         ((b"databricks", b"token"), (b"databricks", b"password"), (b"databricks", b"client_secret")),
         ("*/token, */password, */client_secret, */azure_client_secret", "secret")),
    # https://www.man7.org/linux/man-pages/man8/wg.8.html
    _row("wireguard-config", "WireGuard configuration with its key", "key of WireGuard", _INI,
         ((b"[Interface]", b"PrivateKey"),), ("Interface/PrivateKey, Peer/PresharedKey", "key_of_32_bytes")),
    # https://docs.gradle.org/current/userguide/build_environment.html
    _row("gradle-properties", "Gradle properties with credentials", "credential in Gradle's properties", _PAIRS,
         ((b"signing.",), (b"org.gradle.",), (b"systemProp.",), (b"RELEASE_STORE_FILE",)),
         ("/*password, /*_token, /*.token, /*_secret, /*ApiKey", "secret")),
    # https://maven.apache.org/settings.html, https://maven.apache.org/guides/mini/guide-encryption.html
    _row("maven-settings", "Maven settings with a password", "password in Maven's settings", (forms.XML,),
         ((b"<settings", b"<server"), (b"<settings", b"<proxy")),
         ("settings/servers/server/password, settings/servers/server/passphrase", "maven"),
         ("settings/proxies/proxy/password", "maven")),
    _row("maven-master-password", "Maven master password", "Maven master password", (forms.XML,),
         ((b"<settingsSecurity",),), ("settingsSecurity/master", "maven_master")),
    # https://www.jenkins.io/doc/developer/security/secrets/
    _row("jenkins-credentials", "Jenkins credentials in plain text", "credential of Jenkins", (forms.XML,),
         ((b"plugins.credentials",),),
         ("**/password, **/passphrase, **/privateKey, **/secret, **/secretKey, **/apiToken", "jenkins")),
    # https://learn.microsoft.com/nuget/reference/nuget-config-file#packagesourcecredentials
    _row("nuget-config", "NuGet configuration with a password", "password of a NuGet source", (forms.XML,),
         ((b"<packageSourceCredentials", b"ClearTextPassword"),),
         ("configuration/packageSourceCredentials/*/add/ClearTextPassword", "secret")),
    # https://tomcat.apache.org/tomcat-10.1-doc/realm-howto.html
    _row("tomcat-users", "Tomcat user file with passwords", "password of a Tomcat user", (forms.XML,),
         ((b"<tomcat-users", b"password"),), ("tomcat-users/user/@password", "secret")),
    _row("filezilla-sites", "FileZilla site list with passwords", "password of an FTP server", (forms.XML,),
         ((b"<FileZilla3", b"<Pass"),), ("**/Server/Pass", "encoded_password")),
    _row("netrc", "netrc credentials file", "password of a netrc file", (forms.NETRC,),
         ((b"password",),), ("*/password", "secret")),
    # https://www.postgresql.org/docs/current/libpq-pgpass.html
    _row("pgpass", "PostgreSQL password file", "PostgreSQL password", _RECORDS, (), ("pgpass", "secret")),
    # https://git-scm.com/docs/git-credential-store
    _row("git-credentials", "git credentials file", "password of a Git server", _RECORDS, (),
         ("git-credentials", "secret")),
    _row("htpasswd", "password file of a web server", "password hash of a web server", _RECORDS, (),
         ("htpasswd", "hash")),
    _row("shadow", "password file of Unix", "password hash of a Unix user", _RECORDS, (),
         ("shadow", "hash")),
    # https://github.com/s3fs-fuse/s3fs-fuse
    _row("s3-credentials", "S3 credentials file", "S3 credential", _RECORDS, (),
         ("s3fs", "secret")),
)  # fmt: skip
