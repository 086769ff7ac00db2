//! `ipc show`: all that is known of an object, or of what a process uses.

use std::fmt::Write;
use std::time::SystemTime;

use clap::Args;
use serde::Serialize;

use super::entry::Entry;
use crate::failure::Failure;
use crate::machine::{self, Kind, Object, State, details, users};
use crate::output;
use crate::selector::{Called, Selector};

pub(super) const AFTER: &str = "\
Examples:
  ipc show /frames              an array: type, shape, statistics, a histogram
  ipc show sem:/ready           a semaphore: value, waiters, processes
  ipc show 0x52e2c1             System V objects by key
  ipc show 1234                 the objects that process 1234 uses, and System V
                                objects with the id 1234
  ipc show pid:1234             only the objects of the process";

/// The options of `ipc show`.
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// A name, a System V key (0x52e2c1), a System V id, or a process id
    #[arg(required = true, value_name = "NAME|KEY|ID|PID")]
    what: Vec<String>,

    /// Print JSON, for programs: the fields are in the README of ipc-cli
    #[arg(long)]
    json: bool,
}

/// An object and what its content says, for programs.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    object: Entry<'a>,
    details: Vec<[String; 2]>,
}

impl Show {
    /// Shows each of them.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut objects = Vec::new();
        let mut text = String::new();
        let mut missing = 0;
        for what in &self.what {
            let selector = Selector::new(what)?;
            let process = match selector.called {
                Called::Process(pid) => Some(pid),
                Called::Number(pid) if selector.kind.is_none() && machine::is_process(pid) => {
                    Some(pid)
                }
                _ => None,
            };
            match process {
                Some(pid) if !machine::is_process(pid) => {
                    output::note(&machine::no_process(format_args!("{what:?}")).to_string());
                    missing += 1;
                }
                Some(pid) => {
                    let used = used_by(pid);
                    let _ = writeln!(
                        text,
                        "process {pid} uses {}",
                        output::count(used.len(), "object", "objects")
                    );
                    objects.extend(used);
                    if !matches!(selector.called, Called::Process(_)) {
                        objects.extend(selector.find(&machine::all_kinds()).unwrap_or_default());
                    }
                }
                None => match selector.find(&machine::all_kinds()) {
                    Ok(found) => objects.extend(found),
                    Err(why) => {
                        output::note(&why.to_string());
                        missing += 1;
                    }
                },
            }
        }
        if missing == self.what.len() {
            return Err(Failure::no());
        }
        if self.json {
            let shown = objects
                .iter()
                .map(|object| Shown { object: Entry::of(object), details: pairs(object) });
            output::json(&shown.collect::<Vec<_>>())?;
        } else {
            output::print(&told_all(text, &objects))?;
        }
        if missing == 0 { Ok(()) } else { Err(Failure::no()) }
    }
}

/// The objects below what is said of processes.
fn told_all(mut text: String, objects: &[Object]) -> String {
    for (number, object) in objects.iter().enumerate() {
        if number > 0 || !text.is_empty() {
            text.push('\n');
        }
        text += &told(object);
    }
    text
}

fn pairs(object: &Object) -> Vec<[String; 2]> {
    details::of(object).into_iter().map(|(what, is)| [what, is]).collect()
}

/// The objects that a process uses.
fn used_by(pid: i32) -> Vec<Object> {
    let mut objects = machine::objects(&machine::all_kinds()).objects;
    objects.retain(|object| object.processes.iter().any(|process| process.pid == pid));
    objects
}

fn told(object: &Object) -> String {
    let name = object.called();
    let mut lines = vec![(object.kind.noun().to_owned(), name.to_string())];
    let mut line =
        |what: &str, is: Option<String>| lines.extend(is.map(|is| (what.to_owned(), is)));
    line("key", object.key.map(|key| format!("{:#x} ({key})", key.cast_unsigned())));
    line("file", object.path().map(|path| path.display().to_string()));
    line(
        "size",
        object.size.map(|size| match object.kind {
            Kind::Set => output::count(size, "semaphore", "semaphores"),
            _ if size < 1024 => output::count(size, "byte", "bytes"),
            _ => format!("{size} bytes ({})", output::size(size)),
        }),
    );
    line("owner", object.owner.map(|uid| format!("{} ({uid})", users::name(uid))));
    line("mode", object.mode.map(output::mode));
    line("age", object.since.map(|since| output::age(since, SystemTime::now())));
    line("state", Some(format!("{}: {}", object.state.word(), object.reason())));
    line("attached", object.attached.map(|count| output::count(count, "process", "processes")));
    for process in &object.processes {
        line("process", Some(format!("{} {} ({})", process.pid, process.command, process.how)));
    }
    line("content", Some(object.content.clone()).filter(|content| !content.is_empty()));
    line("namespace", object.elsewhere.map(|pid| format!("the mount namespace of process {pid}")));
    lines.extend(details::of(object));
    if object.state == State::Stale {
        lines.push((String::from("advice"), format!("`ipc gc {name}` removes it")));
    }
    output::labelled(lines)
}
