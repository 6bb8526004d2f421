//! The memory that the program keeps for itself, which hangs on settings that are built in by `.cargo/config.toml`.

use crate::harness::Program;

#[tokio::test]
async fn memory_that_is_free_goes_back_and_more_cores_take_no_more_of_it() {
    let print = ("_RJEM_MALLOC_CONF", "stats_print:true".to_owned());
    let mut program = Program::start_with_env(["--version"], [print]);
    program.ended().await;
    let settings = program.stderr();
    for setting in [
        "opt.narenas: 2\n",
        "opt.background_thread: true ",
        "opt.dirty_decay_ms: 1000 ",
    ] {
        assert!(settings.contains(setting), "not {setting:?}:\n{settings}");
    }
}
