"""The product in this process, behind a real port, with the Internet of a test's own making."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import uvicorn

from latchstring import app
from latchstring.cli import server
from latchstring.effects.settings import Settings
from latchstring.flows import api_keys, environments
from latchstring.model.environment import EnvironmentKind
from latchstring.model.fetch import Fetcher
from latchstring.model.secret import Secret
from latchstring.storage import front_door, migrate
from latchstring.web.kit.endpoint import inline
from tests.real.product import Product

Internet = Callable[[Callable[[], bool]], Fetcher]  # told how to find out that a call would block


class ServedHouse(Product):
    """Speaks like any other product of the tests; what it calls goes where `internet` leads."""

    def __init__(self, folder: Path, internet: Internet) -> None:
        super().__init__(data=folder)
        self._internet = internet
        self._sockets = server.listen(["127.0.0.1"], 0)
        self.base_url = f"http://127.0.0.1:{self._sockets[0].getsockname()[1]}"

    def __enter__(self) -> Self:
        path = self.data / "house.db"
        migrate.upgrade(path)
        settings = Settings(
            base_url=self.base_url,
            database=path,
            secret_key=Secret("0123456789abcdefghijklmnopqrstuvwxyz"),
            development=True,
        )
        house = dataclasses.replace(app.house(settings), fetch=self._internet(lambda: inline.active))
        environment = environments.create(house, name="Staging", kind=EnvironmentKind.STAGING)
        pass_ = front_door.by_operator(environment)
        self.environment_id, self.client_id = environment.id, environment.client_id
        self.api_key = api_keys.create(house, pass_, name="test").secret.reveal()
        environments.create_redirect_uri(house, pass_, uri="http://localhost:*/callback")
        endpoint = app.application(settings, house)
        config = uvicorn.Config(endpoint, lifespan="off", interface="asgi3", log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=(self._sockets,), daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
