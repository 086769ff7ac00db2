//! `models NAME [MUTANT]` runs one model; the tests run all, each mutant in a process of its own.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let wanted = arguments.first().map(String::as_str).unwrap_or_default();
    let mutant = arguments.get(1).map(String::as_str).unwrap_or_default();
    let Some(model) = models::MODELS.iter().find(|model| model.name == wanted) else {
        eprintln!("no model `{wanted}`");
        return ExitCode::FAILURE;
    };
    match model.mutants.iter().find(|known| **known == mutant) {
        Some(mutant) => (model.run)(mutant),
        None if mutant.is_empty() => (model.run)(""),
        None => {
            eprintln!("model `{wanted}` has no mutant `{mutant}`");
            return ExitCode::FAILURE;
        }
    }
    println!("well");
    ExitCode::SUCCESS
}
