//! Runs all groups in pairs, for the tables and charts of `RESULTS.md`.
//!
//! `--write PLACE` writes them to that directory, `--quick` takes a minute, and names of groups
//! select groups.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use benches::{Effort, groups, play, report};

fn main() -> Result<(), Box<dyn Error>> {
    play()?;
    let args: Vec<String> = env::args().collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let (effort, name) = match (has("--test"), has("--quick")) {
        (true, _) => (Effort::ONCE, "once"),
        (_, true) => (Effort::QUICK, "quick"),
        _ => (Effort::FULL, "full"),
    };
    let place =
        args.iter().position(|arg| arg == "--write").and_then(|at| args.get(at + 1)).map(Path::new);
    if let Some(place) = place {
        fs::create_dir_all(place.join("charts"))?;
    }

    let mut text = report::head(name);
    for group in groups::named_in_arguments() {
        let table = report::table(group, effort)?;
        println!("{}", table.markdown());
        text += &table.markdown();
        if let Some(place) = place {
            fs::write(place.join("charts").join(group.name).with_extension("svg"), table.svg())?;
        }
    }
    if let Some(place) = place {
        fs::write(place.join("RESULTS.md"), text + report::NOTES)?;
    }
    Ok(())
}
