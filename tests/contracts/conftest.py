"""The house and the keyring that tests of this folder ask for."""

from fakes.os_keyring import os_keyring as os_keyring
from houses import house_on_each_database

house = house_on_each_database
