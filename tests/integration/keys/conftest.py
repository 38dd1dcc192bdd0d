"""The keyring that tests of this folder ask for."""

from fakes.os_keyring import os_keyring as os_keyring
