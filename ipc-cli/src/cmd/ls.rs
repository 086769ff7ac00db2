//! `ipc ls`: the objects of the machine, and which processes use them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};
use ipc::mem::Tag;

use super::entry::Listing;
use crate::failure::Failure;
use crate::machine::{self, Found, Kind, Object, STRUCTURES, Sight, State, users};
use crate::output::{self, Align, Column, Style, Table};
use crate::selector;

pub(super) const AFTER: &str = "\
If several kinds or contents are given, objects that match any of them are listed: `ipc ls sem \
array` lists semaphores and arrays. Beginnings of names restrict the list: `ipc ls array /camera` \
lists arrays whose names begin with /camera. A word that is a kind or a content is not taken for a \
name: write /frames for the name.

AGE is the time since creation, if that is recorded. Otherwise, for a System V \
object, it is the time since its mode, owner or values were last changed; for a POSIX queue, the \
time since its messages last changed.

CONTENT says what shared memory of the toolkit holds: bytes, an array, a value (a struct), a \
snapshot (an array whose readers get complete versions), frames, a ring (one sender, one \
receiver), an mpmc queue (several of both), a queue of jobs, a topic (each subscriber gets all \
messages), a service (calls and replies), a mailbox (several senders, one owner) or a heap. \
`ipc show NAME` shows the contents.

Examples:
  ipc ls                        shared memory, semaphores, queues, System V
  ipc ls --all                  memfds, FIFOs, sockets and file locks as well
  ipc ls sem array              semaphores, and arrays in shared memory
  ipc ls array /camera          arrays whose names begin with /camera
  ipc ls --stale --json         stale objects as JSON
  ipc ls --watch                repeat twice a second";

/// The options of `ipc ls`.
#[derive(Args, Debug)]
pub(crate) struct Ls {
    /// List only these objects. Each word is a kind (POSIX: shm, sem, mq; System V: segment, set,
    /// queue; others: memfd, fifo, socket, lock), a content (array, value, snapshot, ring, mpmc,
    /// jobs, topic, service, mailbox, frames, heap, bytes) or the beginning of a name
    #[arg(value_name = "KIND|PREFIX")]
    words: Vec<String>,

    /// Also list memfds, FIFOs, sockets, file locks, and objects of other mount namespaces
    /// (containers)
    #[arg(long, short)]
    all: bool,

    /// Only objects in this state
    #[arg(long, value_name = "STATE")]
    state: Vec<State>,

    /// Only stale objects: the same as --state stale
    #[arg(long)]
    stale: bool,

    /// Only objects of this user, by name or number
    #[arg(long, short, value_name = "USER")]
    user: Option<String>,

    /// Only objects that this process uses
    #[arg(long, value_name = "PID", value_parser = super::pid)]
    pid: Option<i32>,

    /// Sort by this column
    #[arg(long, value_enum, value_name = "BY")]
    sort: Option<Sort>,

    /// Reverse the order
    #[arg(long, short)]
    reverse: bool,

    /// Print JSON, for programs: the fields are in the README of ipc-cli
    #[arg(long)]
    json: bool,

    /// Print all columns and all processes, even if lines are longer than the terminal is wide
    #[arg(long, short)]
    wide: bool,

    /// Print only what other commands accept, such as shm:/frames or set:7, one on each line
    #[arg(long, short, conflicts_with_all = ["json", "wide"])]
    quiet: bool,

    /// Repeat at this interval, at least 100ms (default: twice a second): --watch=2 (seconds),
    /// --watch=250ms. On a terminal, only as many objects as fit the screen, unless --wide is given
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "0.5", value_parser = interval)]
    watch: Option<Duration>,
}

/// The interval at which a listing is repeated: each listing reads all of `/proc`.
fn interval(text: &str) -> Result<Duration, String> {
    match super::duration(text)? {
        short if short < Duration::from_millis(100) => {
            Err(String::from("the interval is at least 100ms"))
        }
        interval => Ok(interval),
    }
}

/// A narrower terminal has no room for columns that matter less.
const BROAD: usize = 100;

/// The order of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sort {
    Name,
    Kind,
    Size,
    Age,
    Owner,
    State,
}

/// The meaning of the words on the command line.
struct Wanted {
    kinds: Vec<Kind>,
    structures: Vec<&'static str>,
    prefixes: Vec<String>,
    user: Option<u32>,
    /// Kinds that were not asked for: only their numbers are shown.
    mentioned: Vec<Kind>,
}

impl Ls {
    /// Lists once, or again and again.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let wanted = self.wanted()?;
        let Some(pause) = self.watch else { return self.list(&wanted) };
        loop {
            if output::is_terminal() && !self.json {
                output::print("\x1b[H\x1b[J")?;
            }
            self.list(&wanted)?;
            thread::sleep(pause);
        }
    }

    fn wanted(&self) -> Result<Wanted, Failure> {
        let user = |name: &String| {
            users::uid(name).ok_or_else(|| Failure::usage(name, "there is no such user"))
        };
        let user = self.user.as_ref().map(user).transpose()?;
        if let Some(pid) = self.pid.filter(|pid| !machine::is_process(*pid)) {
            return Err(machine::no_process(format_args!("--pid {pid}")));
        }
        let mut wanted =
            Wanted { kinds: vec![], structures: vec![], prefixes: vec![], user, mentioned: vec![] };
        for word in &self.words {
            if let Some(kind) = Kind::named(word) {
                wanted.kinds.push(kind);
            } else if let Some(content) =
                contents().find(|own| [*own, &format!("{own}s")].contains(&word.as_str()))
            {
                wanted.structures.push(content);
            } else {
                wanted.prefixes.push(word.clone());
            }
        }
        if !wanted.structures.is_empty() {
            wanted.kinds.push(Kind::Shm);
        }
        if wanted.kinds.is_empty() {
            let all = self.all || self.pid.is_some();
            let (shown, hidden): (Vec<_>, Vec<_>) =
                machine::all_kinds().into_iter().partition(|kind| all || kind.row().shown);
            wanted.kinds = shown;
            let is_part = self.has_filter(&wanted) || self.watch.is_some();
            wanted.mentioned = if is_part { Vec::new() } else { hidden };
        }
        wanted.kinds.sort_unstable();
        wanted.kinds.dedup();
        Ok(wanted)
    }

    /// Returns `true` if not all objects of a kind are listed.
    fn has_filter(&self, wanted: &Wanted) -> bool {
        !self.state.is_empty()
            || self.stale
            || wanted.user.is_some()
            || self.pid.is_some()
            || !wanted.structures.is_empty()
            || !wanted.prefixes.is_empty()
    }

    /// The number of objects that a screen has room for, if there is one and it is repeated.
    fn screen(&self) -> Option<usize> {
        const OTHER_LINES: usize = 6; // titles, four lines of remarks, the cursor

        let rows = output::height().filter(|_| self.watch.is_some() && !self.json && !self.wide);
        rows.map(|rows| rows.saturating_sub(OTHER_LINES).max(1))
    }

    fn list(&self, wanted: &Wanted) -> Result<(), Failure> {
        let sight = Sight::now();
        let screen = self.screen();
        let in_order = self.sort.is_none_or(|sort| sort == Sort::Kind) && !self.reverse;
        let is_first = |_: &usize| in_order && !self.has_filter(wanted);
        let mut found = sight.first_objects(&wanted.kinds, screen.filter(is_first));
        for prefix in &wanted.prefixes {
            if !found.objects.iter().any(|object| object.begins(prefix)) {
                let names: Vec<_> = found.objects.iter().map(Object::selector).collect();
                let near = match (State::from_str(prefix, true), prefix.strip_prefix("pid:")) {
                    (Ok(_), _) => Some(format!("--state {prefix}")),
                    (_, Some(pid)) => Some(format!("--pid {pid}")),
                    _ => selector::nearest(prefix, &names).cloned(),
                };
                let near = near.map(|near| format!("; did you mean `{near}`?"));
                let why = format!(
                    "this is not a kind or a content, and no name begins so{}",
                    near.unwrap_or_default()
                );
                return Err(Failure::new(format!("{prefix:?}"), why));
            }
        }
        found.objects.retain(|object| self.is_wanted(object, wanted));
        let elsewhere = found.objects.len();
        found.objects.retain(|object| self.all || object.elsewhere.is_none());
        let elsewhere = elsewhere - found.objects.len();
        self.order(&mut found.objects);
        let shown = found.objects.len().min(screen.unwrap_or(usize::MAX));
        found.more += found.objects.len() - shown;
        found.objects.truncate(shown);
        if self.json {
            return output::json(&Listing::of(&found));
        }
        if self.quiet {
            let lines =
                found.objects.iter().map(|object| output::harmless(object.selector()) + "\n");
            return output::print(&lines.collect::<String>());
        }
        let (table, left_out) = self.table(&found.objects);
        let mentioned = if wanted.mentioned.is_empty() {
            Found::default()
        } else {
            sight.objects(&wanted.mentioned)
        };
        let remarks = self.remarks(&found, &mentioned, elsewhere, &left_out);
        table.as_ref().map_or(Ok(()), Table::print)?;
        if self.watch.is_none() {
            // The program ends here: to free ten thousand objects one by one would take a while.
            std::mem::forget((sight, found, table));
        }
        output::print(&remarks)
    }

    fn is_wanted(&self, object: &Object, wanted: &Wanted) -> bool {
        let word = || object.content.split(' ').next().unwrap_or_default();
        let in_state = (self.state.is_empty() && !self.stale)
            || self.state.contains(&object.state)
            || self.stale && object.state == State::Stale;
        in_state
            && (wanted.structures.is_empty()
                || object.kind != Kind::Shm
                || wanted.structures.contains(&word()))
            && (wanted.prefixes.is_empty()
                || wanted.prefixes.iter().any(|prefix| object.begins(prefix)))
            && wanted.user.is_none_or(|user| object.owner == Some(user))
            && self.pid.is_none_or(|pid| object.processes.iter().any(|process| process.pid == pid))
    }

    fn order(&self, objects: &mut [Object]) {
        match self.sort {
            None | Some(Sort::Kind) => objects.sort_by_key(|object| object.kind),
            Some(Sort::Name) => objects.sort_by(|one, two| one.name.cmp(&two.name)),
            Some(Sort::Size) => objects.sort_by_key(|object| std::cmp::Reverse(object.size)),
            Some(Sort::Age) => objects.sort_by_key(|object| object.since),
            Some(Sort::Owner) => objects.sort_by_key(|object| object.owner.map(users::name)),
            Some(Sort::State) => objects.sort_by_key(|object| object.state),
        }
        if self.reverse {
            objects.reverse();
        }
    }

    /// Returns the table, and the titles of the columns for which there is no room.
    fn table(&self, objects: &[Object]) -> (Option<Table>, Vec<&'static str>) {
        const COLUMNS: [Column; 9] = [
            Column::new("NAME", Align::Left).cut(16),
            Column::new("KIND", Align::Left),
            Column::new("SIZE", Align::Right),
            Column::new("OWNER", Align::Left).cut(8).may_go(),
            Column::new("MODE", Align::Left).from(BROAD),
            Column::new("AGE", Align::Right).may_go(),
            Column::new("STATE", Align::Left),
            Column::new("CONTENT", Align::Left).cut(7),
            Column::new("PROCESSES", Align::Left).cut(9),
        ];
        const LONGEST_KEY: usize = "segment:2147483647 key 0x12345678".len();
        if objects.is_empty() {
            return Default::default();
        }
        let mut columns = COLUMNS;
        // A key that is cut selects nothing.
        let keys = objects.iter().filter(|object| object.key.is_some());
        let longest = keys.map(|object| object.called().len() + " key 0x12345678".len()).max();
        columns[0] = columns[0].cut(longest.unwrap_or(0).clamp(16, LONGEST_KEY));
        let in_use = objects.iter().any(Object::has_users);
        if !in_use {
            columns[8] = columns[8].from(BROAD);
        }
        let mut table = Table::new(&columns, self.wide);
        table.reserve(objects.len());
        let now = SystemTime::now();
        for object in objects {
            tell(&mut table, object, self.wide, now);
        }
        let left_out = table.left_out().filter(|title| in_use || *title != "PROCESSES");
        let left_out = left_out.collect();
        (Some(table), left_out)
    }

    /// Remarks on what the table lacks.
    fn remarks(
        &self,
        found: &Found,
        mentioned: &Found,
        elsewhere: usize,
        left_out: &[&str],
    ) -> String {
        let mut counts = BTreeMap::<_, usize>::new();
        for object in &mentioned.objects {
            *counts.entry(object.kind).or_default() += 1;
        }
        let mut counts: Vec<_> = counts
            .into_iter()
            .map(|(kind, number)| output::count(number, kind.row().noun[0], kind.row().noun[1]))
            .collect();
        if elsewhere > 0 {
            counts.push(output::count(
                elsewhere,
                "object of another mount namespace",
                "objects of other mount namespaces",
            ));
        }
        let mut remarks: Vec<_> = Vec::new();
        if found.objects.is_empty() {
            remarks.push(String::from("nothing found"));
        }
        if found.more > 0 {
            let more = output::count(found.more, "more object", "more objects");
            remarks.push(format!("not shown: {more}; the screen is full (`--wide` prints all)"));
        }
        if !left_out.is_empty() && self.watch.is_none() {
            let titles = left_out.join(", ");
            remarks
                .push(format!("not shown: {titles}; the terminal is narrow (`--wide` prints all)"));
        }
        if !counts.is_empty() {
            remarks.push(format!("not shown: {} (`ipc ls --all`)", counts.join(", ")));
        }
        let unseen: std::collections::BTreeSet<_> =
            found.unseen.iter().chain(&mentioned.unseen).collect();
        remarks.extend(unseen.into_iter().map(|what| format!("not seen: {what}")));
        if output::is_terminal() && found.more == 0 && !found.objects.is_empty() {
            remarks.push(total(&found.objects));
        }
        remarks.into_iter().map(|line| output::wrapped(&output::harmless(line), 2) + "\n").collect()
    }
}

/// All objects in a few words.
fn total(objects: &[Object]) -> String {
    let bytes = objects.iter().filter(|object| object.kind != Kind::Set).filter_map(|o| o.size);
    let stale = objects.iter().filter(|object| object.state == State::Stale).count();
    let stale =
        if stale > 0 { format!("; {stale} stale (`ipc gc --dry-run`)") } else { String::new() };
    let count = output::count(objects.len(), "object", "objects");
    format!("{count}, {}{stale}", output::size(bytes.fold(0, u64::saturating_add)))
}

/// The words for what shared memory of the toolkit may hold.
fn contents() -> impl Iterator<Item = &'static str> {
    STRUCTURES.iter().filter(|row| row.tag != Tag::FOREIGN).map(|row| row.word)
}

/// Adds a row to the table.
fn tell(table: &mut Table, object: &Object, wide: bool, now: SystemTime) {
    const NONE: &str = "-";

    let style = match object.state {
        State::InUse => Style::Good,
        State::Idle => Style::Plain,
        State::Stale => Style::Warning,
        State::Foreign => Style::Plain,
    };
    let mut cell = |style, write: &dyn Fn(&mut String)| table.cell(style, write);
    cell(Style::Plain, &|text| push_name(text, object));
    cell(Style::Plain, &|text| text.push_str(object.kind.word()));
    cell(Style::Plain, &|text| match (object.kind, object.size) {
        (_, None) => text.push_str(NONE),
        (Kind::Set, Some(count)) => output::push_number(text, count),
        (_, Some(bytes)) => output::push_size(text, bytes),
    });
    cell(Style::Plain, &|text| text.push_str(object.owner.map_or(NONE, users::name)));
    cell(Style::Plain, &|text| match object.mode {
        None => text.push_str(NONE),
        Some(mode) => output::push_mode(text, mode),
    });
    cell(Style::Plain, &|text| match object.since {
        None => text.push_str(NONE),
        Some(since) => output::push_age(text, since, now),
    });
    cell(style, &|text| text.push_str(object.state.word()));
    cell(Style::Plain, &|text| {
        text.push_str(if object.content.is_empty() { NONE } else { &object.content });
    });
    cell(Style::Plain, &|text| text.push_str(&processes(object, wide)));
}

/// Appends what commands call it, with the key that leads to it and where it lives if that is
/// elsewhere.
fn push_name(text: &mut String, object: &Object) {
    *text += &object.called();
    if let Some(key) = object.key {
        *text += &format!(" key {:#x}", key.cast_unsigned());
    }
    if let Some(pid) = object.elsewhere {
        *text += &format!(" (of process {pid})");
    }
}

/// The processes that use an object: how many, and which.
fn processes(object: &Object, wide: bool) -> Cow<'_, str> {
    const SHOWN: usize = 3;

    if !object.has_users() {
        return Cow::Borrowed("-");
    }
    let mut known: Vec<_> =
        object.processes.iter().map(|process| (process.pid, &process.command)).collect();
    known.sort_unstable();
    known.dedup();
    let count = object.attached.unwrap_or(0).max(known.len());
    let shown = if wide { known.len() } else { known.len().min(SHOWN) };
    let mut told: Vec<_> =
        known[..shown].iter().map(|(pid, command)| format!("{pid} {command}")).collect();
    match (count, count - shown) {
        (1, 0) => told.remove(0).into(),
        (_, 0) => format!("{count} processes: {}", told.join(", ")).into(),
        (_, _) if told.is_empty() => format!("{count} attached").into(),
        (_, _) => format!("{count} processes: {}, …", told.join(", ")).into(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;

    #[test]
    fn the_help_names_each_kind_and_each_content() {
        let help = Ls::augment_args(clap::Command::new("ls")).render_long_help().to_string();
        let kinds = machine::KINDS.iter().map(|row| row.word);
        for word in kinds.chain(contents()) {
            let is_word = |found: &str| found.trim_matches(['(', ')', ',', ';']) == word;
            assert!(help.split_whitespace().any(is_word), "{word}: {help}");
        }
    }
}
