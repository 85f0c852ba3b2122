# ruff: noqa: E501
"""One entry a kind of file of credentials: its usual name, ways to write one, and look-alikes of its own.

`@` stands for the credential (`@@` for one in base64, `@:` for `user:credential` in base64, `@k` for a PEM key in base64,
`@K` for a PEM key with escaped line ends, `@a` and `@A` for a secret and a token of Amazon's); all are drawn at run time. Look-alikes hold none.
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

from secret_fakes import draw


class Kind(NamedTuple):
    name: str
    forms: tuple[str, ...]
    quiet: tuple[str, ...]


KINDS: dict[str, Kind] = {
    "docker-config": Kind(
        ".docker/config.json",
        (
            '{"auths": {"registry.test": {"auth": "@:"}}}',
            '{\n  "credsStore": "desktop",\n  "auths": {\n    "https://r.test/v1/": {\n      "identitytoken": "@"\n    }\n  }\n}',
            '{"https://r.test": {"auth": "@:", "email": "a@b.test"}}',
        ),
        (
            '{"auths": {"registry.test": {}}, "credsStore": "desktop"}',
            '{"credHelpers": {"r.test": "ecr-login"}}',
            '{"auths": {"registry.test": {"auth": ""}}}',
        ),
    ),
    "gcloud-service-account": Kind(
        "service-account.json",
        (
            '{"type": "service_account", "private_key": "@K"}',
            '{\n  "private_key": "@K",\n  "type": "service_account",\n  "client_id": "1"\n}',
            '{"type":"service_account","project_id":"p","private_key_id":"1","private_key":"@K"}',
        ),
        (
            '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----"}',
            '{"type": "service_account", "private_key": "${KEY}"}',
            '{"type": "external_account", "audience": "//iam.googleapis.com/x", "credential_source": {"file": "/t"}}',
        ),
    ),
    "gcloud-credentials": Kind(
        "application_default_credentials.json",
        (
            '{"client_id": "x", "client_secret": "@", "refresh_token": "1//@", "type": "authorized_user"}',
            '{\n  "type": "authorized_user",\n  "refresh_token": "@"\n}',
            '{"refresh_token": "@", "account": "", "type": "authorized_user"}',
        ),
        (
            '{"type": "authorized_user", "refresh_token": "${TOKEN}", "client_secret": ""}',
            '{"type": "authorized_user", "refresh_token": "<your-token>"}',
            '{"type": "external_account_authorized_user", "audience": "x"}',
        ),
    ),
    "oauth-client": Kind(
        "client_secret.json",
        (
            '{"installed": {"client_id": "x", "client_secret": "@"}}',
            '{"web": {"auth_uri": "https://a.test", "client_secret": "@"}}',
            '{\n "web": {\n  "client_secret": "@",\n  "auth_uri": "https://a.test"\n }\n}',
        ),
        (
            '{"installed": {"client_secret": "YOUR_CLIENT_SECRET"}}',
            '{"web": {"auth_uri": "https://a.test", "client_secret": "$SECRET"}}',
            '{"installed": {"client_id": "x"}}',
        ),
    ),
    "azure-credentials": Kind(
        ".azure/accessTokens.json",
        (
            '[{"tokenType": "Bearer", "accessToken": "@", "refreshToken": "@"}]',
            '{"clientId": "1", "clientSecret": "@", "tenantId": "2"}',
            '{"appId": "1", "password": "@", "tenant": "2"}',
            '{"RefreshToken": {"a-b": {"secret": "@", "credential_type": "RefreshToken"}}, "AccessToken": {}}',
        ),
        (
            "[]",
            '{"clientId": "1", "clientSecret": "<client-secret>", "tenantId": "2"}',
            '{"appId": "1", "password": "${ARM_CLIENT_SECRET}", "tenant": "2"}',
        ),
    ),
    "terraform-state": Kind(
        "terraform.tfstate",
        (
            '{"version": 4, "terraform_version": "1.5.0", "outputs": {"url": {"value": "@", "sensitive": true}}}',
            '{"terraform_version": "1.5.0", "resources": [{"instances": [{"attributes": {"id": "x", "password": "@"}}]}]}',
            '{"terraform_version": "0.11.1", "modules": [{"resources": {"r": {"primary": {"attributes": {"master_password": "@"}}}}}]}',
        ),
        (
            '{"version": 4, "terraform_version": "1.5.0", "outputs": {}, "resources": []}',
            '{"terraform_version": "1.5.0", "outputs": {"url": {"value": "https://a.test", "type": "string"}}}',
            '{"terraform_version": "1.5.0", "resources": [{"instances": [{"attributes": {"password": null, "id": "i-1"}}]}]}',
        ),
    ),
    "terraform-credentials": Kind(
        ".terraform.d/credentials.tfrc.json",
        (
            '{"credentials": {"app.terraform.io": {"token": "@"}}}',
            'credentials "app.terraform.io" {\n  token = "@"\n}\n',
            'plugin_cache_dir = "/x"\ncredentials "tf.test" {\n  token = "@"\n}\n',
        ),
        (
            '{"credentials": {}}',
            'credentials "app.terraform.io" {\n  # token = "..."\n}\n',
            'credentials "app.terraform.io" {\n  token = "xxxxxx.atlasv1.zzzzzzzzzzzzz"\n}\n',
        ),
    ),
    "composer-auth": Kind(
        "auth.json",
        (
            '{"http-basic": {"repo.test": {"username": "u", "password": "@"}}}',
            '{"github-oauth": {"github.com": "@"}}',
            '{"bearer": {"repo.test": "@"}, "gitlab-token": {}}',
        ),
        (
            '{"http-basic": {}, "github-oauth": {}}',
            '{"github-oauth": {"github.com": "${GITHUB_TOKEN}"}}',
            '{"http-basic": {"repo.test": {"username": "u", "password": "your-password"}}}',
        ),
    ),
    "aws-credentials": Kind(
        ".aws/credentials",
        (
            "[default]\naws_access_key_id = x\naws_secret_access_key = @a\n",
            "# mine\n\n[a]\nregion=eu\n[b]\naws_session_token=@A\n",
            '{"Credentials": {"AccessKeyId": "x", "SecretAccessKey": "@a"}}',
            '{"startUrl": "https://a.test", "accessToken": "@"}',
        ),
        (
            "[default]\nregion = eu-west-1\nsso_session = x\n",
            "[default]\naws_secret_access_key = YOUR_SECRET_KEY\n",
            "[default]\ncredential_process = /bin/x\n",
            '{"Access key": "x", "SecretAccessKey": "Geheimer Zugriffsschl\u00fcssel"}',
            'locals {\n  aws_secret_access_key = var.aws_secret_access_key\n}\n',
        ),
    ),
    "s3-credentials": Kind(
        ".s3cfg",
        (
            "[default]\naccess_key = x\nsecret_key = @\n",
            "[Credentials]\ngs_secret_access_key = @\n",
            "[Credentials]\ngs_oauth2_refresh_token = 1/@\n",
        ),
        (
            "[default]\naccess_key = \nsecret_key = \n",
            "[default]\naccess_key = x\nsecret_key = %(SECRET)s\nhost = $S3_HOST\n",
            "[Boto]\nhttps_validate_certificates = True\n",
        ),
    ),
    "kubeconfig": Kind(
        ".kube/config",
        (
            "apiVersion: v1\nkind: Config\nclusters:\n- name: c\nusers:\n- name: u\n  user:\n    token: @\n",
            "clusters: []\nusers:\n  - name: u\n    user:\n      client-certificate-data: eHh4\n      client-key-data: @k\n",
            '{"kind": "Config", "clusters": [], "users": [{"name": "u", "user": {"password": "@"}}]}',
            "clusters:\nusers:\n- user:\n    auth-provider:\n      config:\n        refresh-token: @\n",
        ),
        (
            "clusters:\n- name: c\nusers:\n- name: u\n  user:\n    exec:\n      command: aws\n",
            "clusters: []\nusers:\n- name: u\n  user:\n    client-key: /etc/key.pem\n    tokenFile: /run/token\n",
            "clusters: []\nusers:\n- name: u\n  user:\n    token: ${TOKEN}\n",
        ),
    ),
    "kubernetes-secret": Kind(
        "deploy/db.yaml",
        (
            "apiVersion: v1\nkind: Secret\ndata:\n  password: @@\n",
            "---\nkind: ConfigMap\ndata: {}\n---\nkind: Secret\nstringData:\n  DB_PASSWORD: '@'\n",
            '{"kind": "Secret", "data": {"api-token": "@@"}}',
            "kind: List\nitems:\n- kind: Secret\n  data:\n    admin-password: @@\n",
        ),
        (
            "kind: Secret\ndata:\n  username: YWRtaW4=\n  host: ZGIudGVzdA==\n",
            "kind: Secret\nstringData:\n  password: {{ .Values.password }}\n",
            "kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq\n",
            "kind: ConfigMap\ndata:\n  note: 'kind: Secret'\n",
        ),
    ),
    "yarn-config": Kind(
        ".yarnrc.yml",
        (
            "npmAuthToken: @\n",
            'npmRegistries:\n  "https://r.test":\n    npmAlwaysAuth: true\n    npmAuthToken: @\n',
            "nodeLinker: node-modules\nnpmScopes:\n  acme:\n    npmAuthIdent: 'bob:@'\n",
        ),
        (
            "npmAuthToken: ${NPM_TOKEN}\n",
            "nodeLinker: node-modules\n",
            'npmScopes:\n  acme:\n    npmAuthToken: "${NPM_TOKEN:-}"\n',
        ),
    ),
    "github-cli": Kind(
        ".config/gh/hosts.yml",
        (
            "github.com:\n    user: x\n    oauth_token: @\n",
            "github.com:\n- user: x\n  oauth_token: @\n  protocol: https\n",
            "github.com:\n    users:\n        x:\n            oauth_token: @\n",
        ),
        (
            "github.com:\n    user: x\n    git_protocol: ssh\n",
            "github.com:\n    oauth_token: $GH_TOKEN\n",
            "github.com:\n    oauth_token: <token>\n",
        ),
    ),
    "gitlab-cli": Kind(
        ".config/glab-cli/config.yml",
        (
            "hosts:\n  gitlab.com:\n    api_host: gitlab.com\n    token: @\n",
            "git_protocol: ssh\nhosts:\n    gl.test:\n        token: @\n        api_host: gl.test\n",
            "# x\nhosts:\n  g.test:\n    token: '@'\n    api_host: g.test\n",
        ),
        (
            "hosts:\n  gitlab.com:\n    api_host: gitlab.com\n    token:\n",
            "hosts:\n  gitlab.com:\n    api_host: gitlab.com\n    token: !!null\n",
            "hosts:\n  gitlab.com:\n    api_host: gitlab.com\n    token: $TOKEN\n",
        ),
    ),
    "gem-credentials": Kind(
        ".gem/credentials",
        (
            "---\n:rubygems_api_key: @\n",
            ":rubygems_api_key: rubygems_@\n:github: Bearer @\n",
            "# mine\n---\n:rubygems_api_key: '@'\n",
        ),
        (
            "---\n:rubygems_api_key: YOUR_API_KEY\n",
            "---\n:rubygems_api_key: ${KEY}\n",
            "---\n:verbose: true\n",
        ),
    ),
    "bundle-config": Kind(
        ".bundle/config",
        (
            '---\nBUNDLE_GEMS__ACME__COM: "bob:@"\n',
            "BUNDLE_WITHOUT: development\nBUNDLE_GITHUB__COM: x-access-token:@\n",
            "---\nBUNDLE_ENTERPRISE__TEST__DEV: @\n",
        ),
        (
            '---\nBUNDLE_PATH: "vendor/bundle"\nBUNDLE_WITHOUT: "test"\n',
            "---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: https://mirror.test\n",
            "---\nBUNDLE_GITHUB__COM: ${TOKEN}\n",
        ),
    ),
    "helm-repositories": Kind(
        "repositories.yaml",
        (
            "apiVersion: ''\nrepositories:\n- name: x\n  username: u\n  password: @\n",
            "repositories:\n  - password: '@'\n    url: https://c.test\n",
            "generated: '0001'\nrepositories:\n- caFile: ''\n  password: @\n",
        ),
        (
            "repositories:\n- name: x\n  password: ''\n",
            "repositories:\n- name: x\n  password: $PASS\n",
            "repositories:\n- name: password:\n  url: https://c.test\n",
        ),
    ),
    "doctl-config": Kind(
        ".config/doctl/config.yaml",
        (
            "access-token: @\ncontext: default\n",
            "context: x\naccess-token: ''\nauth-contexts:\n  x: @\n",
            "access-token: dop_v1_@\nauth-contexts: {}\ncontext: default\n",
        ),
        (
            "access-token: ''\ncontext: default\n",
            "access-token: <token>\ncontext: default\n",
            "access-token: ${DO_TOKEN}\ncontext: default\n",
        ),
    ),
    "npm-config": Kind(
        ".npmrc",
        (
            "registry=https://r.test/\n//r.test/:_authToken=@\n",
            "_auth = @:\nalways-auth = true\n",
            "//r.test/:username=bob\n//r.test/:_password=@@\n",
        ),
        (
            "//r.test/:_authToken=${NPM_TOKEN}\n",
            "registry=https://r.test/\nsave-exact=true\n",
            "//r.test/:_authToken=\n//r.test/:_password=\n",
        ),
    ),
    "pypi-config": Kind(
        ".pypirc",
        (
            "[distutils]\nindex-servers =\n    pypi\n\n[pypi]\nusername = bob\npassword = @\n",
            "[pypi]\nusername: __token__\npassword: @\n",
            "[acme]\nrepository = https://p.test\nusername = bob\npassword = @\n",
        ),
        (
            "[distutils]\nindex-servers = pypi\n[pypi]\nusername = bob\n",
            "[pypi]\nusername = __token__\npassword = ${PYPI}\n",
            "[pypi]\nusername = u\npassword = <your password>\n",
            "[form]\nrepository = D\u00e9p\u00f4t\nusername = Nom\npassword = Mot-de-passe-9\nlink = https://a.test\n",
        ),
    ),
    "pip-config": Kind(
        "pip.conf",
        (
            "[global]\nindex-url = https://bob:@#p.test/simple\n",
            "[global]\nextra-index-url =\n    https://a.test/simple\n    https://bob:@#p.test/simple\n",
            "[install]\nfind-links = https://bob:@#p.test/wheels\n",
        ),
        (
            "[global]\nindex-url = https://p.test/simple\n",
            "[global]\nindex-url = https://${USER}:${PASS}@p.test/simple\n",
            "[global]\nindex-url = https://bob@p.test/simple\ntrusted-host = p.test\n",
        ),
    ),
    "poetry-auth": Kind(
        "auth.toml",
        (
            '[http-basic.acme]\nusername = "u"\npassword = "@"\n',
            '[pypi-token]\nacme = "@"\n',
            '[pypi-token]\na = "@"\n\n[http-basic]\n',
        ),
        (
            '[http-basic.acme]\nusername = "u"\n',
            '[http-basic.acme]\npassword = "${PASS}"\n',
            '[pypi-token]\nacme = "<token>"\n',
        ),
    ),
    "cargo-credentials": Kind(
        ".cargo/credentials.toml",
        (
            '[registry]\ntoken = "@"\n',
            '[registries.acme]\ntoken = "Bearer @"\n',
            '[registries]\n\n[registries."acme"]\nindex = "x"\ntoken = "@"\n',
        ),
        (
            '[registry]\ndefault = "acme"\n',
            '[registry]\nglobal-credential-providers = ["cargo:token"]\n',
            '[registries.acme]\nindex = "sparse+https://r.test/"\n#token = "x"\n',
        ),
    ),
    "mysql-config": Kind(
        ".my.cnf",
        (
            "[client]\nuser = root\npassword = @\n",
            '[client]\npassword="@"\n',
            "[mysqldump]\nuser=u\npassword='@'\n",
        ),
        (
            "[client]\nuser = root\nsocket = /run/mysqld.sock\n",
            "[mysqld]\nskip-networking\n[client]\npassword\n",
            "[client]\npassword = ${MYSQL_PASSWORD}\n",
        ),
    ),
    "git-config": Kind(
        ".gitmodules",
        (
            '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://bob:@#git.test/x.git\n',
            '[url "https://oauth2:@#git.test/"]\n\tinsteadOf = https://git.test/\n',
            '[http "https://git.test"]\n\textraheader = AUTHORIZATION: basic @:\n',
            '[submodule "x"]\n\tpath = x\n\turl = https://bob:@#git.test/x.git\n',
        ),
        (
            '[remote "origin"]\n\turl = git@github.com:a/b.git\n',
            '[url "https://${TOKEN}@github.com/"]\n\tinsteadOf = https://github.com/\n',
            '[url "git@github.com:"]\n\tinsteadOf = https://github.com/\n',
        ),
    ),
    "rclone-config": Kind(
        "rclone.conf",
        (
            "[r]\ntype = sftp\npass = @\n",
            "[s3]\ntype = s3\naccess_key_id = x\nsecret_access_key = @\n",
            "[d]\ntype = webdav\nurl = https://d.test\npass = @@\n",
        ),
        (
            "[r]\ntype = sftp\nkey_file = ~/.ssh/id\n",
            "# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nXq2Jx9vPpW3gK8Lb6Tn4Rm1Yz5Uc7Hd0Sf\n",
            "[r]\ntype = s3\nenv_auth = true\nsecret_access_key =\n",
            'variable "x" {\n  type = string\n  token = "tiger-lily-9"\n}\n',
        ),
    ),
    "databricks-config": Kind(
        ".databrickscfg",
        (
            "[DEFAULT]\nhost = https://x.cloud.databricks.com\ntoken = @\n",
            "[p]\nhost = https://x.azuredatabricks.net\nclient_id = 1\nclient_secret = @\n",
            "; x\n[DEFAULT]\nhost=https://x.databricks.test\nusername=u\npassword=@\n",
        ),
        (
            "[DEFAULT]\nhost = https://x.cloud.databricks.com\nauth_type = databricks-cli\n",
            "[DEFAULT]\nhost = https://x.cloud.databricks.com\ntoken = <token>\n",
            "[DEFAULT]\nhost = https://x.cloud.databricks.com\ntoken = ${DATABRICKS_TOKEN}\n",
        ),
    ),
    "wireguard-config": Kind(
        "wg0.conf",
        (
            "[Interface]\nPrivateKey = @w\n",
            "[Interface]\nAddress = 10.0.0.2/32\nPrivateKey=@w\n\n[Peer]\nPublicKey = x\n",
            "# vpn\n[Interface]\nPrivateKey = @w\nDNS = 1.1.1.1\n",
        ),
        (
            "[Interface]\nPrivateKey = <your private key>\n",
            "[Interface]\nPrivateKey = ${WG_KEY}\n",
            "[Interface]\nAddress = 10.0.0.2/32\nPostUp = wg set %i private-key /etc/wg/PrivateKey\n",
        ),
    ),
    "gradle-properties": Kind(
        "gradle.properties",
        (
            "org.gradle.jvmargs=-Xmx2g\nsigning.password = @\n",
            "signing.keyId=1\nossrhPassword: @\n",
            "systemProp.http.proxyPassword=@\n",
        ),
        (
            "org.gradle.jvmargs=-Xmx2g\norg.gradle.parallel=true\n",
            "signing.password=\nsigning.keyId=\n",
            "org.gradle.caching=true\nossrhPassword=${OSSRH}\n",
        ),
    ),
    "maven-settings": Kind(
        ".m2/settings.xml",
        (
            "<settings>\n<servers><server><id>x</id><password>@</password></server></servers></settings>",
            '<?xml version="1.0"?>\n<!-- x -->\n<settings xmlns="http://m">\n<servers>\n<server>\n<passphrase>@</passphrase>\n'
            "</server></servers></settings>",
            "<settings><proxies><proxy><password>@</password></proxy></proxies></settings>",
        ),
        (
            "<settings><servers><server><password>{COQLCE6DU6GtcS5P=COQLCE6DU6GtcS5P}</password></server></servers></settings>",
            "<settings><servers><server><password>${env.PASS}</password></server></servers></settings>",
            "<settings><mirrors><mirror><url>https://m.test</url></mirror></mirrors><servers/></settings>",
            "<settings><servers><server><id>a</id><!-- <password>tiger-lily-9</password> --></server></servers></settings>",
        ),
    ),
    "maven-master-password": Kind(
        ".m2/settings-security.xml",
        (
            "<settingsSecurity><master>{@@}</master></settingsSecurity>",
            "<settingsSecurity>\n  <master>{@:}</master>\n</settingsSecurity>",
            '<?xml version="1.0"?><settingsSecurity><master>@</master></settingsSecurity>',
        ),
        (
            "<settingsSecurity><relocation>/media/usb/s.xml</relocation></settingsSecurity>",
            "<settingsSecurity><master>${MASTER}</master></settingsSecurity>",
            "<settingsSecurity><master></master></settingsSecurity>",
        ),
    ),
    "jenkins-credentials": Kind(
        "credentials.xml",
        (
            "<com.cloudbees.plugins.credentials.SystemCredentialsProvider><x><password>@</password></x>"
            "</com.cloudbees.plugins.credentials.SystemCredentialsProvider>",
            "<?xml version='1.1'?>\n<x plugin='com.cloudbees.plugins.credentials'>\n<secret>@</secret>\n</x>",
            "<x><org.jenkinsci.plugins.credentials.StringCredentialsImpl><secretKey>@</secretKey>"
            "</org.jenkinsci.plugins.credentials.StringCredentialsImpl></x>",
        ),
        (
            "<com.cloudbees.plugins.credentials.X><password>{AQAAABAAAAAQ7Zf3kXvQ2Lw9pR8sT1yUbA==}</password>"
            "</com.cloudbees.plugins.credentials.X>",
            "<com.cloudbees.plugins.credentials.X><password>vCOdGOPXOQoxbsdqQQfXZA==</password>"
            "</com.cloudbees.plugins.credentials.X>",
            "<com.cloudbees.plugins.credentials.X><id>a</id><username>u</username></com.cloudbees.plugins.credentials.X>",
        ),
    ),
    "nuget-config": Kind(
        "nuget.config",
        (
            "<configuration><packageSourceCredentials><a><add key='Username' value='u'/><add key='ClearTextPassword' value='@'/>"
            "</a></packageSourceCredentials></configuration>",
            '<?xml version="1.0"?>\n<configuration>\n<packageSourceCredentials><my>\n<add key="ClearTextPassword" value="@" />'
            "</my></packageSourceCredentials></configuration>",
            '<configuration><packageSources/><packageSourceCredentials><a><add value="@" key="ClearTextPassword"/></a>'
            "</packageSourceCredentials></configuration>",
        ),
        (
            "<configuration><packageSources><add key='n' value='https://n.test'/></packageSources></configuration>",
            "<configuration><packageSourceCredentials><a><add key='ClearTextPassword' value='%TOKEN%'/></a>"
            "</packageSourceCredentials></configuration>",
            "<configuration><packageSourceCredentials><a><add key='Password' value='AQAAANCMnd8BFdERjHoAwE'/></a>"
            "</packageSourceCredentials></configuration>",
        ),
    ),
    "tomcat-users": Kind(
        "tomcat-users.xml",
        (
            '<tomcat-users><user username="x" password="@" roles="manager"/></tomcat-users>',
            "<?xml version='1.0'?>\n<tomcat-users xmlns='http://t'>\n<user username='x' password='@'/>\n</tomcat-users>",
            "<tomcat-users><role rolename='r'/><user password='@' username='x'/></tomcat-users>",
        ),
        (
            "<tomcat-users><!-- <user username='x' password='tiger-lily-9'/> --></tomcat-users>",
            "<tomcat-users><user username='x' password='${pw}'/></tomcat-users>",
            "<tomcat-users><user username='x' password='changeme-now' roles='tomcat'/></tomcat-users>",
        ),
    ),
    "filezilla-sites": Kind(
        "sitemanager.xml",
        (
            '<FileZilla3><Servers><Server><Pass encoding="base64">@@</Pass></Server></Servers></FileZilla3>',
            '<?xml version="1.0"?><FileZilla3><RecentServers><Server><Pass encoding="base64">@@</Pass></Server></RecentServers></FileZilla3>',
            "<FileZilla3><Servers><Folder>x<Server><Pass>@</Pass></Server></Folder></Servers></FileZilla3>",
        ),
        (
            "<FileZilla3><Servers><Server><Host>h</Host></Server></Servers></FileZilla3>",
            "<FileZilla3><Servers><Server><Pass></Pass></Server></Servers></FileZilla3>",
            "<FileZilla3><Settings/></FileZilla3>",
        ),
    ),
    "netrc": Kind(
        ".netrc",
        (
            "machine a.test\n  login bob\n  password @\n",
            "machine a.test login bob password @\n",
            '# x\ndefault login bob password "@"\n',
        ),
        (
            "machine a.test\n  login bob\n",
            "machine a.test login bob password ${TOKEN}\n",
            "machine a.test login bob password <password>\n",
        ),
    ),
    "pgpass": Kind(
        ".pgpass",
        ("db.test:5432:*:app:@\n", "# x\n*:*:*:postgres:@\n", "10.0.0.1:5432:app:app:@\nb.test:5432:x:y:@\n"),
        ("#hostname:port:database:username:password\n", "hostname:port:database:username:password\n", "db:5432:*:app:$PASS\n", "a: b\nx.test:443:a:b:tiger-lily-9\n"),
    ),
    "git-credentials": Kind(
        ".git-credentials",
        ("https://bob:@#git.test\n", "\nhttps://x-access-token:@#github.com\n", "http://bob:@#git.test:8080/a/b\n"),
        ("https://bob@git.test\n", "https://bob:${TOKEN}@git.test\n", "https://git.test/a/b\n"),
    ),
    "htpasswd": Kind(
        ".htpasswd",
        ("bob:$apr1$@@\n", "bob:{SHA}@@\n", "# users\nann:$2y$10$@@\nbob:$2y$10$@@\n"),
        ("# none yet\n", "bob:$HASH\n", "bob:x\n"),
    ),
    "shadow": Kind(
        "etc/shadow",
        (
            "root:$6$salt$@@:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n",
            "daemon:*:19000:0:99999:7:::\napp:$y$j9T$@@:19000:0:99999:7:::\n",
            "root:*:19000:0:99999:7:::\nbob:$5$@@:19000::::::\n",
        ),
        (
            "root:*:19000:0:99999:7:::\ndaemon:!:19000:0:99999:7:::\n",
            "root::19000:0:99999:7:::\n",
            "root:!$6$salt$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:19000:0:99999:7:::\n",
        ),
    ),
}  # fmt: skip


def filled(form: str) -> tuple[str, str]:
    """A file with a credential drawn for it, and the credential as it is written there."""
    plain = draw(24, seed=form)
    pem = (
        "-" * 5
        + "BEGIN RSA PRIVATE KEY"
        + "-" * 5
        + "\n"
        + draw(64, seed=form)
        + "\n"
        + "-" * 5
        + "END RSA PRIVATE KEY"
        + "-" * 5
    )
    spelled = {
        "@@": base64.b64encode(plain.encode()).decode(),
        "@:": base64.b64encode(f"bob:{plain}".encode()).decode(),
        "@k": base64.b64encode(pem.encode()).decode(),
        "@K": pem.replace("RSA ", "").replace("\n", "\\n"),
        "@w": base64.b64encode(draw(32, seed=form).encode()).decode(),
        "@a": draw(40, seed=form),
        "@A": draw(300, seed=form),
        "@#": plain + "@",
        "@": plain,
    }
    written = [spelled[mark] for mark in re.findall("@[@:kKwaA#]?", form) if not form.startswith("x")]
    text = re.sub(r"(?<![a-z])@[@:kKwaA#]?|@(?=\"|')", lambda match: spelled[match[0]], form)
    return text, written[0].removesuffix("@")
