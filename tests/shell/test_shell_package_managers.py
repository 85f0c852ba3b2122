"""One manager after the other: what its installs ask for, and what only looks like a package.

The texts are as they stand in public Dockerfiles.
"""

from __future__ import annotations

import pytest

from dfguard.shell.packages import PackageCommand, read_package_command
from dfguard.shell.script import read_script
from dfguard.source import Source

KNOWN = {"PRISMA_VERSION": "7.3.0", "POETRY_VERSION": "2.1.4"}


def calls(text: str) -> list[PackageCommand]:
    """The calls of package managers in a script."""
    script = read_script(Source("Dockerfile", text).whole, interpreter="bash", lookup=KNOWN.get)
    assert not script.gaps
    return [call for call in map(read_package_command, script.commands) if call]


def told(text: str) -> str:
    """The last call as `manager action: package@version{kind} ...`; the kind is left out for names."""
    call = calls(text)[-1]
    packages = [
        (package.name or package.raw)
        + (f"@{package.version}" if package.version is not None else "")
        + (f"{{{package.kind}}}" if package.kind != "name" else "")
        for package in call.packages
    ]
    return f"{call.manager} {call.action}:" + "".join(f" {package}" for package in packages)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # apt-get
        ("apt-get build-dep -y --no-install-recommends python3", "apt-get install:"),
        ("apt-get -t bookworm-backports satisfy -y 'foo (>= 1)'", "apt-get install:"),
        ("apt-get source hello", "apt-get other:"),
        ("apt-get download curl", "apt-get other:"),
        ("apt-get autopurge -y git", "apt-get remove: git"),
        ("apt-get install -y -V ca-certificates wget= libfoo* lamp-server^",
         "apt-get install: ca-certificates wget= libfoo* lamp-server^"),
        # aptitude
        ("aptitude install -y -R -t wheezy-backports nginx=1.6.2-1~bpo70+1",
         "aptitude install: nginx@1.6.2-1~bpo70+1"),
        ("aptitude -q=9 -o Aptitude::ProblemResolver::X=1 install build-essential g++ exim4_ nano-",
         "aptitude install: build-essential g++"),
        ("aptitude -y safe-upgrade", "aptitude upgrade:"),
        ("aptitude build-dep -y emacs24", "aptitude install:"),
        ("aptitude search '~U'", "aptitude other:"),
        # zypper
        ("zypper --gpg-auto-import-keys --non-interactive in --no-recommends libzypp-devel iproute2",
         "zypper install: libzypp-devel iproute2"),
        ("zypper -n --config /etc/x.conf install -r main -t pattern devel_basis", "zypper install: devel_basis"),
        ("zypper -n in -y --from repo-oss 'libxml2>=2.9' git=2.35.3 ./a.rpm !vim ~nano",
         "zypper install: libxml2@>=2.9 git@2.35.3 ./a.rpm{file}"),
        ("zypper --non-interactive ref", "zypper update:"),
        ("zypper --non-interactive dup --no-allow-vendor-change", "zypper upgrade:"),
        ("zypper --non-interactive clean -a", "zypper clean:"),
        ("zypper ar -f https://x/y repo", "zypper other:"),
        ("zypper rm -u wget", "zypper remove: wget"),
        # pacman
        ("pacman -Syu --noconfirm --needed base-devel git", "pacman install: base-devel git"),
        ("pacman --noconfirm -S --needed --overwrite '*' sudo", "pacman install: sudo"),
        ("pacman --noconfirm -Syy", "pacman update:"),
        ("pacman -Syyu --noconfirm --ignore systemd", "pacman upgrade:"),
        ("pacman --sync --refresh --sysupgrade", "pacman upgrade:"),
        ("pacman -Scc --noconfirm", "pacman clean:"),
        ("pacman -Rcns systemd --noconfirm", "pacman remove: systemd"),
        ("pacman -U --noconfirm x-1-any.pkg.tar.zst https://x/y.pkg.tar.zst",
         "pacman install: x-1-any.pkg.tar.zst{file} https://x/y.pkg.tar.zst{url}"),
        ("pacman -S --noconfirm extra/go core/linux 'glibc>=2.39'", "pacman install: go linux glibc@>=2.39"),
        ("pacman -S --noconfirm $(cat list)", "pacman install: $(cat list){variable}"),
        ("pacman -Ss vim", "pacman other:"),
        ("pacman -Sw vim", "pacman other:"),
        ("pacman -Qdtq", "pacman other:"),
        ("pacman -S --noconfirm", "pacman other:"),
        ("yay -S --noconfirm --needed paru-bin", "yay install: paru-bin"),
        # tdnf
        ("tdnf install -y --releasever=3.0 --installroot /staging glibc openssl-libs",
         "tdnf install: glibc openssl-libs"),
        ("tdnf clean all --releasever=3.0 --installroot /staging", "tdnf clean:"),
        # pipx
        ("~/.local/bin/pipx install poetry==${POETRY_VERSION}", "pipx install: poetry@2.1.4"),
        ("python3 -m pipx install --python python3.12 --pip-args '--no-cache-dir' ruff", "pipx install: ruff"),
        ("pipx install --suffix @beta --index-url https://x black==25.1.0", "pipx install: black@25.1.0"),
        ("pipx inject poetry poetry-plugin-export==1.9", "pipx install: poetry-plugin-export@1.9"),
        ("pipx install git+https://github.com/x/y@z", "pipx install: git+https://github.com/x/y@z{url}"),
        ("pipx run cowsay moo", "pipx other:"),
        ("pipx ensurepath", "pipx other:"),
        # uv
        ("uv pip install --system --no-cache --index-url https://x -r a.txt 'fastapi[standard]>=0.115' .",
         "uv install: fastapi@>=0.115 .{file}"),
        ("uv pip install --target /t --torch-backend cpu torch==2.7.0", "uv install: torch@2.7.0"),
        ("uv sync --frozen --no-dev --no-install-project --group prod", "uv install:"),
        ("uv pip sync requirements.txt", "uv install:"),
        ("uv add --dev pytest httpx==0.28 -r requirements.txt", "uv install: pytest httpx@0.28"),
        ("uv tool install --python 3.12 --with httpx ruff@0.11.2", "uv install: ruff@0.11.2 httpx"),
        ("uv --no-cache tool install poetry@latest", "uv install: poetry@latest"),
        ("uv pip install -e .[dev] 'x @ https://y/z.whl'", "uv install: x @ https://y/z.whl{url} .[dev]{file}"),
        ("python -m uv pip install -U pip", "uv install: pip"),
        ("uv pip uninstall torch", "uv remove: torch"),
        ("uv cache clean", "uv clean:"),
        ("uv pip compile pyproject.toml -o requirements.txt", "uv other:"),
        ("uv python install 3.12", "uv other:"),
        ("uv venv /opt/venv", "uv other:"),
        ("uv lock --upgrade", "uv other:"),
        ("uv run --frozen pip install x==1", "pip install: x@1"),
        # poetry and pipenv
        ("poetry install --only=main --no-interaction --no-cache --with dev", "poetry install:"),
        ("poetry add gunicorn@^23.0 'uvicorn>=0.34' --group prod", "poetry install: gunicorn@^23.0 uvicorn@>=0.34"),
        ("poetry add ../lib/ git+https://x/y.git#main 'requests[socks]==2.32'",
         "poetry install: ../lib/{file} git+https://x/y.git#main{url} requests@2.32"),
        ("poetry self add poetry-plugin-export", "poetry install: poetry-plugin-export"),
        ("poetry config virtualenvs.create false", "poetry other:"),
        ("poetry export -f requirements.txt --output x.txt", "poetry other:"),
        ("poetry cache clear pypi --all", "poetry clean:"),
        ("poetry run pip install x", "pip install: x"),
        ("pipenv install --system --deploy --ignore-pipfile", "pipenv install:"),
        ("pipenv install --dev -r dev.txt pytest==8.3", "pipenv install: pytest@8.3"),
        ("pipenv sync --system", "pipenv install:"),
        # conda, mamba, micromamba
        ("conda install -y -c conda-forge -c bioconda --file requirements.txt --solver=libmamba", "conda install:"),
        ("conda create -y -n env -c conda-forge python=3.8 'numpy >=1.20' scipy=1.9=py38_0",
         "conda install: python@3.8 numpy@>=1.20 scipy@1.9=py38_0"),
        ("conda install -y -n base conda-forge::mamba=1.5 'pandas==2.2.3' 'six 1.16' openblas[build=x]",
         "conda install: mamba@1.5 pandas@2.2.3 six@1.16 openblas"),
        ("conda env update -n root -f /environment.yaml", "conda install:"),
        ("conda env create -f /environment.yml", "conda install:"),
        ("conda clean -afy", "conda clean:"),
        ("conda config --add channels conda-forge", "conda other:"),
        ("conda activate base", "conda other:"),
        ("conda remove -y --force qt", "conda remove: qt"),
        ("mamba install --yes 'conda-forge::blas=*=openblas' 'protobuf>=5.28.3,<6' nodejs=20.*",
         "mamba install: blas@*=openblas protobuf@>=5.28.3,<6 nodejs@20.*"),
        ('mamba install --yes "pandas=$(cat /v.txt)" https://x/y.conda /t/z.tar.bz2',
         "mamba install: pandas@$(cat /v.txt) https://x/y.conda{url} /t/z.tar.bz2{file}"),
        ("micromamba install -y -n base -f /tmp/env.yaml", "micromamba install:"),
        ("micromamba install --root-prefix=/o --prefix /o --yes jupyter_core", "micromamba install: jupyter_core"),
        ("micromamba run -n base pip install --no-deps x==2", "pip install: x@2"),
        ("conda run -n env --no-capture-output apt-get install -y curl", "apt-get install: curl"),
        # yarn
        ("yarn", "yarn install:"),
        ("yarn --frozen-lockfile --production=true", "yarn install:"),
        ("yarn install --network-timeout 100000 --cache-folder /c", "yarn install:"),
        ("yarn global add @vue/cli serve@14.2.4 --prefix /usr/local", "yarn install: @vue/cli serve@14.2.4"),
        ("yarn workspace @app/web add react@18", "yarn install: react@18"),
        ("yarn workspaces focus --production @app/web", "yarn install:"),
        ("yarn cache clean --all", "yarn clean:"),
        ("yarn build", "yarn other:"),
        ("yarn config set registry https://x", "yarn other:"),
        ("yarn run install", "yarn other:"),
        # pnpm
        ("pnpm --allow-build='@prisma/engines' add dotenv prisma@${PRISMA_VERSION} @prisma/client@${PRISMA_VERSION}",
         "pnpm install: dotenv prisma@7.3.0 @prisma/client@7.3.0"),
        ("pnpm install --frozen-lockfile --filter web --store-dir /s", "pnpm install:"),
        ("pnpm -r --filter @app/api... i --prod --offline", "pnpm install:"),
        ("pnpm add -g turbo@2 --dir /x", "pnpm install: turbo@2"),
        ("pnpm fetch --prod", "pnpm other:"),
        ("pnpm deploy --filter=web /out", "pnpm other:"),
        ("pnpm dlx create-x app", "pnpm other:"),
        ("pnpm --filter gogs-web run build", "pnpm other:"),
        ("gosu node pnpm store prune", "pnpm clean:"),
        # bun
        ("bun install --frozen-lockfile --production", "bun install:"),
        ("bun i --cwd /app --omit dev", "bun install:"),
        ("bun add -g elysia@1.2 user/repo", "bun install: elysia@1.2 user/repo{url}"),
        ("bun pm cache rm", "bun clean:"),
        ("bun run build", "bun other:"),
        ("bun x add foo", "bun other:"),
        # gem
        ("gem install rails -v 5.0.7 --no-document", "gem install: rails@5.0.7"),
        ("gem install --no-rdoc --no-ri fpm --version 1.0.2", "gem install: fpm@1.0.2"),
        ("gem install rack:3.0 ./x.gem nokogiri -- --use-system-libraries --with-xml2-dir=/usr",
         "gem install: rack@3.0 ./x.gem{file} nokogiri"),
        ("gem install -N -s https://x -n /usr/local/bin bundler", "gem install: bundler"),
        ('gem install bundler -v "$(tail -n 1 Gemfile.lock)"', 'gem install: bundler@"$(tail -n 1 Gemfile.lock)"'),
        ("gem update --system 3.3.22 --no-document", "gem upgrade:"),
        ("gem update --system --no-document", "gem upgrade:"),
        ("gem sources --add https://x", "gem other:"),
        ("gem build x.gemspec", "gem other:"),
        # bundle
        ("bundle", "bundle install:"),
        ("bundle install --jobs 20 --retry 5 --without development test", "bundle install:"),
        ("bundle install -j $(nproc) --path vendor/bundle", "bundle install:"),
        ("bundle add rails --version '~> 7.1' --group web", "bundle install: rails@~> 7.1"),
        ("bundle config set --local without development", "bundle other:"),
        ("bundle config build.nokogiri --use-system-libraries", "bundle other:"),
        ("bundle clean --force", "bundle clean:"),
        ("bundle exec gem install x", "gem install: x"),
        # cargo
        ("cargo install wasm-pack --version 0.13.1 --locked --root /usr/local", "cargo install: wasm-pack@0.13.1"),
        ("cargo +nightly install --features a,b -j 4 ripgrep@14.1.1 fd-find", "cargo install: ripgrep@14.1.1 fd-find"),
        ("cargo install --path crates/cli --locked", "cargo install: crates/cli{file}"),
        ("cargo install --git https://github.com/x/y --rev abc y-cli", "cargo install: https://github.com/x/y{url}"),
        ("cargo binstall -y cargo-chef --targets x86_64-unknown-linux-musl", "cargo install: cargo-chef"),
        ("cargo build --release --bin install", "cargo other:"),
        ("cargo chef cook --recipe-path recipe.json", "cargo other:"),
        ("cargo fetch", "cargo other:"),
        # go
        ("go install golang.org/x/vuln/cmd/govulncheck@v1.1.4", "go install: golang.org/x/vuln/cmd/govulncheck@v1.1.4"),
        ('go install -v -ldflags "-s -w" -tags netgo github.com/x/y/cmd/z@latest ./cmd/a',
         "go install: github.com/x/y/cmd/z@latest ./cmd/a{file}"),
        ("go install -mod=vendor -trimpath ./...", "go install: ./...{file}"),
        ("go get -d -v ./...", "go install: ./...{file}"),
        ("go get github.com/codegangsta/negroni", "go install: github.com/codegangsta/negroni"),
        ("go get", "go install:"),
        ("go install tool github.com/jstemmer/go-junit-report/v2",
         "go install: github.com/jstemmer/go-junit-report/v2"),
        ("go install cmd/compile std app/internal/x", "go install: cmd/compile{file} app/internal/x{file}"),
        ("go mod download -x", "go install:"),
        ("go mod tidy", "go other:"),
        ("go clean -modcache", "go clean:"),
        ("go build -o /bin/install ./cmd/install", "go other:"),
        ("go run github.com/x/y@v1 install", "go other:"),
        ("go env -w GOPROXY=https://x", "go other:"),
        # composer
        ("composer install --no-dev --no-interaction --prefer-dist -d /app", "composer install:"),
        ("composer require guzzlehttp/guzzle 6.2.0", "composer install: guzzlehttp/guzzle@6.2.0"),
        ('composer require "laravel/octane:^2.0" x/y=~1.2 ext-json z/q --working-dir /app',
         "composer install: laravel/octane@^2.0 x/y@~1.2 ext-json z/q"),
        ("composer global require joomlatools/console:1.6.0", "composer install: joomlatools/console@1.6.0"),
        ('composer create-project laravel/laravel . "v8.4.2"', "composer install: laravel/laravel@v8.4.2"),
        ('composer create-project laravel/laravel:"v12.11.1" playground', "composer install: laravel/laravel@v12.11.1"),
        ('php -d memory_limit=-1 composer.phar require "topthink/think-captcha:^1.0"',
         "composer install: topthink/think-captcha@^1.0"),
        ("php /usr/bin/composer install", "composer install:"),
        ("composer dump-autoload -o", "composer other:"),
        ("composer config --global secure-http false", "composer other:"),
        ("composer self-update 2.1", "composer other:"),
        ("composer clear-cache", "composer clean:"),
    ],
)  # fmt: skip
def test_calls_of_each_manager(text: str, expected: str) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    ["yarn --version", "bundle -v", "yarn -h", "pnpm --version", "bun", "poetry --version",
     "pacman --version", "php artisan install", "php -r 'copy(\"https://getcomposer.org/installer\", \"x\");' install",
     "npx yarn", "corepack prepare yarn@4 --activate", "cargo-install x", "gem2deb x", "uvx ruff", "conda-lock install",
     "chroot /mnt apt-get install -y curl", "python -m conda install x"],
)  # fmt: skip
def test_these_call_no_manager(text: str) -> None:
    assert calls(text) == []


def test_options_of_the_new_managers() -> None:
    (call,) = calls("zypper -n in -y curl")
    assert call.has("--non-interactive") and call.has("--no-confirm")
    (call,) = calls("pacman -Syu --noconfirm git")
    assert call.has("--refresh") and call.has("--sysupgrade") and call.has("--noconfirm")
    assert call.verb.text == "-Syu"
    (call,) = calls("go install -ldflags='-s -w' --tags x a.b/c@v1")
    assert call.value("-ldflags") == "-s -w"
    assert call.value("-tags") == "x"
    (call,) = calls("composer require -n x/y")
    assert call.has("--no-interaction")
    assert call.verb.span.text == "require"


def test_a_call_without_a_verb_names_the_program_as_its_verb() -> None:
    (call,) = calls("cd /app && yarn --production")
    assert call.verb.span.text == "yarn"
    assert call.span.text == "yarn --production"


def test_what_xargs_hands_over_is_an_unknown_package() -> None:
    assert told("cat list | xargs -I {} apt-get install -y {}") == "apt-get install: {}{variable}"
    assert [each.raw for each in calls("xargs pip install -c x.txt a==1 < list")[0].packages] == ["a==1", ""]
    assert told("xargs pacman -S --noconfirm < list") == "pacman install: {variable}"
