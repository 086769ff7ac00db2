//! C programs, made on this machine.

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

/// What a program prints that `$CC`, or else `cc`, makes of this text.
pub(crate) fn run(name: &str, text: &str) -> String {
    let binary = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let source = binary.with_extension("c");
    fs::write(&source, text).unwrap();
    let compiler = env::var("CC").unwrap_or("cc".into());
    let mut words = compiler.split_whitespace();
    let mut compile = Command::new(words.next().expect("$CC names a compiler"));
    compile.args(words).args(["-std=gnu11", "-I", env!("CARGO_MANIFEST_DIR")]);
    output(compile.arg(source).arg("-o").arg(&binary));
    String::from_utf8(output(&mut Command::new(binary)).stdout).unwrap()
}

fn output(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
