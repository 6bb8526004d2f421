//! The allocator, in place of glibc's.
//!
//! A view that applies a long log makes and drops nodes of sled's tree, on whichever thread has the next stretch. glibc
//! keeps what is dropped in the heap of the thread that made it, and its peak with a million orders was 335 MB; with
//! jemalloc it is a quarter less, and the log is applied faster. `docs/performance.md` has the figures, and mimalloc's.
//!
//! `.cargo/config.toml` has the settings that are built in. jemalloc would take four arenas a core, and each keeps some memory:
//! with two, what a process needs does not depend on how many cores the machine has. `_RJEM_MALLOC_CONF` overrides them
//! when a process starts. It is deliberately for Linux with glibc alone: elsewhere the system's own allocator is taken, and
//! nothing has been measured.

use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;
