"""The configuration of each file of a project, unsaved texts included; what is wrong with it is kept, not raised."""

from __future__ import annotations

import os

from dfguard import catalog
from dfguard.buffers import Buffers
from dfguard.check import select
from dfguard.config import Config, load_config
from dfguard.config_file import find_config
from dfguard.engine import Selected
from dfguard.errors import ConfigError
from dfguard.lsp.settings import ClientSettings
from dfguard.struct import Struct


class Loaded(Struct):
    """A configuration with the rules that it switches on; `error` is why it does not count."""

    config: Config
    selection: tuple[Selected, ...]
    error: ConfigError | None = None


class Configurations:
    """The nearest configuration of each path under the client's settings; one that is wrong stands for the defaults."""

    def __init__(self, root: str, settings: ClientSettings) -> None:
        self._root = root
        self._settings = settings
        self._buffers = Buffers()
        self._nearest: dict[str, str | None] = {}
        self._errors: dict[str, ConfigError] = {}
        self._files: dict[str | None, tuple[object, Config, ConfigError | None]] = {}
        self._folded: dict[tuple[str | None, tuple[bool, ...]], tuple[Config, Loaded]] = {}
        self._used: dict[str, Loaded] = {}

    def begin(self, buffers: Buffers) -> None:
        """Take `buffers` for what is unsaved, and look at the files anew."""
        self._buffers = buffers
        self._nearest, self._used, self._errors = {}, {}, {}

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        """What is wrong with those that were asked for since `begin`."""
        return tuple(self._errors.values())

    def of(self, path: str) -> Loaded:
        """The configuration that counts for a file."""
        if path not in self._used:
            loaded = self._used[path] = self._of(path)
            if loaded.error is not None:
                self._errors[loaded.error.path] = loaded.error
        return self._used[path]

    def _of(self, path: str) -> Loaded:
        try:
            file = self._settings.config or find_config(os.path.dirname(path) or ".", seen=self._nearest)
        except ConfigError as error:
            return self._loaded(Config.default(), error)
        state = self._state(file)
        if file not in self._files or self._files[file][0] != state:
            self._files[file] = state, *self._load(file)
        _, config, wrong = self._files[file]
        key = file, tuple(layer.fits(path) for layer in config.layers)
        if key not in self._folded or self._folded[key][0] is not config:
            self._folded[key] = config, self._loaded(config.for_file(path), wrong)
        return self._folded[key][1]

    def _state(self, file: str | None) -> object:
        """What a file's configuration depends on."""
        if file is None:
            return None
        try:
            status = os.stat(file)
        except OSError:
            return None
        return status.st_ctime_ns, status.st_size, self._buffers.get(file)

    def _load(self, file: str | None) -> tuple[Config, ConfigError | None]:
        if file is None:
            return Config.default(), None
        text = self._buffers.get(file)
        unsaved = text.encode("utf-8", "surrogateescape") if text is not None else None
        named = file == self._settings.config
        try:
            return load_config(file, known_codes=catalog.names(), unsaved=unsaved, named=named), None
        except ConfigError as error:
            return Config.default(), error

    def _loaded(self, config: Config, error: ConfigError | None) -> Loaded:
        values = self._settings.values
        try:
            mine = self._rooted(config).over(values)
            return Loaded(mine, select(mine), error)
        except ConfigError as wrong:
            mine = self._rooted(Config.default()).over(values)
            return Loaded(mine, select(mine), wrong)

    def _rooted(self, config: Config) -> Config:
        return config if config.path is not None else config.but(root=self._root)
