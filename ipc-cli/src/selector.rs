//! The meaning of a word on the command line: `frames`, `/frames`, `sem:/ready`, `segment:7`,
//! `0x52e2c1`, `1234`.

use std::path::Path;

use ipc::core::Name;

use crate::failure::{self, Failure};
use crate::machine::{self, Kind, Object, Sight, queues};

/// A kind, if one was named, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    pub(crate) kind: Option<Kind>,
    pub(crate) called: Called,
    text: String,
}

/// A way to name an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// A name with its slash, or a path.
    Name(String),
    /// A System V key.
    Key(i32),
    /// A number without a kind: a System V id, or a process.
    Number(i32),
    /// A process.
    Process(i32),
}

impl Selector {
    /// Reads what a user wrote.
    pub(crate) fn new(text: &str) -> Result<Self, Failure> {
        let kind = |word: &str| Kind::named(word);
        let this = |kind, called| Ok(Self { kind, called, text: text.to_owned() });
        let number = |word: &str, what: &str| {
            let number = word.parse().ok().filter(|number| *number >= 0);
            let why = || format!("{what} is a number from 0 to {}", i32::MAX);
            number.ok_or_else(|| Failure::usage(format!("{text:?}"), why()))
        };
        let id = |word| number(word, "a System V id");
        if let Some((word, rest)) = text.split_once(':') {
            return match (word, kind(word)) {
                ("pid" | "process", _) => {
                    this(None, Called::Process(number(rest, "a process id")?))
                }
                ("key", _) => this(None, Called::Key(key(rest)?)),
                (_, Some(kind @ (Kind::Segment | Kind::Set | Kind::SysvQueue)))
                    if rest.starts_with("0x") =>
                {
                    this(Some(kind), Called::Key(key(rest)?))
                }
                (_, Some(kind @ (Kind::Segment | Kind::Set | Kind::SysvQueue))) => {
                    this(Some(kind), Called::Number(id(rest)?))
                }
                (_, Some(kind)) => this(Some(kind), Called::Name(named(kind, rest))),
                (_, None) if text.starts_with('/') => this(None, Called::Name(text.to_owned())),
                (_, None) => {
                    let kinds: Vec<_> = machine::KINDS.iter().map(|row| row.word).collect();
                    let why =
                        format!("there is no kind {word:?}: {}, key or pid", kinds.join(", "));
                    Err(Failure::usage(format!("{text:?}"), why))
                }
            };
        }
        match text {
            "" => Err(Failure::usage("\"\"", "an object has a name, a key or an id")),
            _ if text.starts_with("0x") => this(None, Called::Key(key(text)?)),
            _ if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                this(None, Called::Number(id(text)?))
            }
            _ => this(None, Called::Name(named(Kind::Shm, text))),
        }
    }

    /// Returns `true` if the object is what was meant.
    pub(crate) fn is(&self, object: &Object) -> bool {
        let called = match &self.called {
            Called::Name(name) => {
                object.id.is_none() && object.elsewhere.is_none() && object.name == *name
            }
            Called::Key(key) => object.key == Some(*key),
            Called::Number(number) => {
                object.id == Some(*number) || object.name == format!("/{number}")
            }
            Called::Process(_) => false,
        };
        called && self.kind.is_none_or(|kind| object.kind == kind)
    }

    /// The objects of these kinds that it may mean: at least one.
    pub(crate) fn find(&self, wanted: &[Kind]) -> Result<Vec<Object>, Failure> {
        let kinds: Vec<_> = wanted
            .iter()
            .copied()
            .filter(|kind| self.kind.is_none_or(|own| own == *kind))
            .collect();
        if let Called::Process(_) = self.called {
            let why = "this is a process; only `ipc show` and `ipc ls --pid` accept one";
            return Err(Failure::usage(format!("{:?}", self.text), why));
        }
        if let (Some(own), true) = (self.kind, kinds.is_empty()) {
            let nouns: Vec<_> = wanted.iter().map(|kind| kind.row().noun[1]).collect();
            let accepts = match &nouns[..] {
                few @ ([_] | [_, _]) => format!("the command accepts {}", few.join(" or ")),
                _ => String::from("the command does not accept one"),
            };
            let why = format!("this means a {}; {accepts}", own.noun());
            return Err(Failure::usage(format!("{:?}", self.text), why));
        }
        let sight = Sight::now();
        let found = sight.objects(&kinds);
        // Processes that were not seen hide no object.
        let missing = |kind: &Kind| {
            found.unseen.iter().find(|what| what.starts_with(kind.row().noun[1])).cloned()
        };
        let missing: Vec<_> =
            kinds.iter().filter_map(|kind| Some((*kind, missing(kind)?))).collect();
        let (mut hit, others): (Vec<_>, Vec<_>) =
            found.objects.into_iter().partition(|object| self.is(object));
        if let Called::Name(name) = &self.called {
            let is_unlisted = missing.iter().any(|(kind, _)| *kind == Kind::Queue);
            hit.extend(is_unlisted.then(|| queues::by_name(&sight, name)).flatten());
        }
        if !hit.is_empty() {
            return Ok(hit);
        }
        let names: Vec<_> =
            others.iter().filter(|other| other.elsewhere.is_none()).map(Object::selector).collect();
        let see = match self.kind {
            Some(kind) => format!(" (see `ipc ls {}`)", kind.word()),
            None => String::from(" (see `ipc ls`)"),
        };
        let other = self.of_another_kind(&sight, &kinds);
        let other =
            other.map(|other| format!("; `{}` is a {}", other.selector(), other.kind.noun()));
        let near = nearest(&self.text, &names).map(|near| format!("; did you mean `{near}`?"));
        let (hint, question) = match (other, near) {
            (Some(other), _) => (other, String::new()),
            (None, Some(near)) => (String::new(), near),
            (None, None) => (see, String::new()),
        };
        // How to see the rest is advice for users who asked for that kind.
        let unseen = missing.iter().map(|(kind, what)| match self.kind {
            Some(_) => format!("; not seen: {what}"),
            None => format!("; {} cannot be seen here (`ipc doctor`)", kind.row().noun[1]),
        });
        let unseen: String = unseen.collect();
        let nouns: Vec<_> = kinds.iter().map(|kind| kind.noun()).collect();
        let of = match &nouns[..] {
            [_, _, _, _, ..] if self.may_be_process(wanted) => String::from("object or process"),
            [_, _, _, _, ..] => String::from("object"),
            few => few.join(" or "),
        };
        Err(Failure::new(
            format!("{:?}", self.text),
            format!("there is no such {of}{hint}{unseen}{question}"),
        ))
    }

    /// Returns `true` if the command that accepts these kinds also accepts processes, and this may
    /// be one.
    fn may_be_process(&self, wanted: &[Kind]) -> bool {
        let is_number = matches!(self.called, Called::Number(_)) && self.kind.is_none();
        is_number && wanted.len() == machine::KINDS.len()
    }

    /// An object that has the same name, but is of none of these kinds.
    fn of_another_kind(&self, sight: &Sight, kinds: &[Kind]) -> Option<Object> {
        let bare = Self { kind: None, ..self.clone() };
        let mut others = machine::all_kinds();
        others.retain(|kind| !kinds.contains(kind));
        sight.objects(&others).objects.into_iter().find(|object| bare.is(object))
    }

    /// Finds the only object that the selector means. No object and several objects are errors.
    pub(crate) fn find_one(&self, kinds: &[Kind]) -> Result<Object, Failure> {
        let mut found = self.find(kinds)?;
        if found.len() > 1 {
            let all: Vec<_> =
                found.iter().map(|object| format!("`{}`", object.selector())).collect();
            let why = format!("this may be {}: say which", all.join(" or "));
            return Err(Failure::usage(format!("{:?}", self.text), why));
        }
        found
            .pop()
            .ok_or_else(|| Failure::new(format!("{:?}", self.text), "there is no such object"))
    }
}

/// The object that a user means, of these kinds.
pub(crate) fn one(text: &str, kinds: &[Kind]) -> Result<Object, Failure> {
    Selector::new(text)?.find_one(kinds)
}

/// A key as C prints it, or as a number.
fn key(text: &str) -> Result<i32, Failure> {
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).map(u32::cast_signed),
        None => text.parse(),
    };
    let why = "a key is a number of 32 bits, such as 0x52e2c1";
    parsed.map_err(|_| Failure::usage(format!("{text:?}"), why))
}

/// The name of a new object, from what a user wrote: its slash may be left out.
pub(crate) fn new_name(text: &str) -> Result<Name, Failure> {
    let refuse = |why: &str| Failure::usage(format!("{text:?}"), why);
    match text.strip_prefix('/').unwrap_or(text) {
        "" => Err(refuse("a name has at least one character besides its slash")),
        bare => Name::new(&format!("/{bare}")).map_err(|err| refuse(&failure::reason(&err))),
    }
}

/// A name with its slash; sockets, FIFOs and locks are paths.
pub(crate) fn named(kind: Kind, text: &str) -> String {
    let is_path = matches!(kind, Kind::Socket | Kind::Fifo | Kind::Lock | Kind::Memfd);
    if text.starts_with('/') || is_path { text.to_owned() } else { format!("/{text}") }
}

/// A name that the user may have meant instead.
pub(crate) fn nearest<'a>(text: &str, names: &'a [String]) -> Option<&'a String> {
    let bare = |name: &str| {
        let name = name.split_once(':').map_or(name, |(_, name)| name);
        Path::new(name)
            .file_name()
            .map_or_else(|| name.to_owned(), |file| file.to_string_lossy().into_owned())
    };
    let wanted = bare(text);
    // A typing error changes a small part of a name; each number is near to all others.
    let is_number = wanted.bytes().all(|byte| byte.is_ascii_digit());
    let limit = if is_number { 0 } else { wanted.chars().count().div_ceil(4) };
    let near = |name: &&String| strsim::damerau_levenshtein(&wanted, &bare(name));
    names.iter().min_by_key(near).filter(|name| near(name) <= limit.min(wanted.len() / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(text: &str) -> (Option<Kind>, Called) {
        let selector = Selector::new(text).unwrap();
        (selector.kind, selector.called)
    }

    #[test]
    fn names_keys_ids_and_processes_are_told_apart() {
        let name = |name: &str| Called::Name(name.to_owned());
        assert_eq!(called("frames"), (None, name("/frames")));
        assert_eq!(called("/frames"), (None, name("/frames")));
        assert_eq!(called("sem:ready"), (Some(Kind::Semaphore), name("/ready")));
        assert_eq!(called("socket:/run/app.sock"), (Some(Kind::Socket), name("/run/app.sock")));
        assert_eq!(called("/a:b"), (None, name("/a:b")));
        assert_eq!(called("0xffffffff"), (None, Called::Key(-1)));
        assert_eq!(called("segment:0x10"), (Some(Kind::Segment), Called::Key(16)));
        assert_eq!(called("set:7"), (Some(Kind::Set), Called::Number(7)));
        assert_eq!(called("pid:7"), (None, Called::Process(7)));
        assert_eq!(called("7"), (None, Called::Number(7)));
        for wrong in ["", "0xg", "0x123456789", "sett:7", "set:x", "pid:x", "99999999999"] {
            assert!(Selector::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_typing_error_is_guessed_and_another_word_is_not() {
        let names = ["shm:/frames", "sem:/ready"].map(String::from);
        assert_eq!(nearest("/frmaes", &names).unwrap(), "shm:/frames");
        assert_eq!(nearest("redy", &names).unwrap(), "sem:/ready");
        for other in ["nightly", "/", "//", "x", "a", "zz", "sem:", "9"] {
            let names = [&names[..], &["segment:0", "queue:1"].map(String::from)].concat();
            assert_eq!(nearest(other, &names), None, "{other}");
        }
        assert_eq!(nearest("set:0", &["segment:0".into()]).unwrap(), "segment:0");
    }
}
