//! The meaning of a word on the command line: `frames`, `/frames`, `sem:/ready`, `segment:7`,
//! `0x52e2c1`, `1234`.

use std::path::Path;

use crate::failure::Failure;
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
        let number = |word: &str| {
            word.parse().map_err(|_| Failure::usage(format!("{text:?}"), "this is not a number"))
        };
        if let Some((word, rest)) = text.split_once(':') {
            return match (word, kind(word)) {
                ("pid" | "process", _) => this(None, Called::Process(number(rest)?)),
                ("key", _) => this(None, Called::Key(key(rest)?)),
                (_, Some(kind @ (Kind::Segment | Kind::Set | Kind::SysvQueue)))
                    if rest.starts_with("0x") =>
                {
                    this(Some(kind), Called::Key(key(rest)?))
                }
                (_, Some(kind @ (Kind::Segment | Kind::Set | Kind::SysvQueue))) => {
                    this(Some(kind), Called::Number(number(rest)?))
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
                this(None, Called::Number(number(text)?))
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
    pub(crate) fn find(&self, kinds: &[Kind]) -> Result<Vec<Object>, Failure> {
        let kinds: Vec<_> =
            kinds.iter().copied().filter(|kind| self.kind.is_none_or(|own| own == *kind)).collect();
        if kinds.is_empty() {
            let noun = self.kind.map_or("object", Kind::noun);
            return Err(Failure::usage(
                format!("{:?}", self.text),
                format!("this is not for a {noun}"),
            ));
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
        let nearest = nearest(&self.text, &names)
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_else(|| match self.kind {
                Some(kind) => format!(" (see `ipc ls {}`)", kind.word()),
                None => String::from(" (see `ipc ls`)"),
            });
        // How to see the rest is advice for users who asked for that kind.
        let unseen = missing.iter().map(|(kind, what)| match self.kind {
            Some(_) => format!("; not seen: {what}"),
            None => format!("; {} cannot be seen here (`ipc doctor`)", kind.row().noun[1]),
        });
        let unseen: String = unseen.collect();
        let nouns: Vec<_> = kinds.iter().map(|kind| kind.noun()).collect();
        let of = if nouns.len() > 3 { String::from("object") } else { nouns.join(" or ") };
        Err(Failure::new(
            format!("{:?}", self.text),
            format!("there is no such {of}{nearest}{unseen}"),
        ))
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
    parsed.map_err(|why| Failure::usage(format!("{text:?}"), format!("this is not a key: {why}")))
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
    let near = |name: &&String| strsim::damerau_levenshtein(&wanted, &bare(name));
    names.iter().min_by_key(near).filter(|name| near(name) <= 1 + wanted.chars().count() / 3)
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
        assert_eq!(nearest("nightly", &names), None);
    }
}
