//! The program `ipc`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ipc_cli::main()
}
