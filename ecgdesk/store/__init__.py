"""The store: every case in one encrypted database, and the key that opens it.

| file in `home()` | what | readable without the key |
|---|---|---|
| `cases.db`, `-wal`, `-shm` | SQLite, each page under ChaCha20-Poly1305; `-shm` holds page numbers only | nothing |
| `cases.key` | how to come by the key: the keyring's entry, or Argon2id's salt and costs | no secret |

Temporary tables and statement journals stay in memory, since SQLite would write those in clear.
"""
