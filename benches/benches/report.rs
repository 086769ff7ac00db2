//! All groups in pairs: the tables of `RESULTS.md`.

use std::error::Error;
use std::{env, fs};

use benches::{Effort, groups, report};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let once = args.iter().any(|arg| arg == "--test");
    let wanted: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let effort = if once { Effort::ONCE } else { Effort::FULL };

    let mut text = report::head();
    for group in groups::ALL {
        if wanted.is_empty() || wanted.iter().any(|name| *name == group.name) {
            let table = report::table(group, effort)?;
            println!("{table}");
            text += &table;
        }
    }
    if !once && wanted.is_empty() {
        fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md"), text)?;
    }
    Ok(())
}
