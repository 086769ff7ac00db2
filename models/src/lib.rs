//! Our algorithms with atomics and with crashes, tried in every order in which their steps can happen.
//!
//! Each model says which function of the libraries each of its steps stands for: who changes the one changes the other.
//! A model has *mutants*, algorithms that lack one thing. A mutant that nothing is found wrong with would show that the
//! model does not see what it is there for.
//!
//! | model | of | by |
//! |---|---|---|
//! | [`publish`] | headers whose magic is written last | loom |
//! | [`segment`] | segments that are found before they are whole | loom |
//! | [`snapshot`] | values that are read whole while they are written | loom |
//! | [`origin`] | the mark of a process | loom |
//! | [`last_user`] | names that go with the last user, whoever is killed | [`explore`] |
//! | [`growth`] | files that grow where they are, whoever is killed | [`explore`] |

pub mod explore;
pub mod growth;
pub mod last_user;
pub mod origin;
pub mod publish;
pub mod segment;
pub mod snapshot;

/// One algorithm.
pub struct Model {
    pub name: &'static str,
    /// Tries it, or the mutant of that name, in every order, and panics at the first that goes wrong.
    pub run: fn(mutant: &'static str),
    pub mutants: &'static [&'static str],
}

pub const MODELS: &[Model] = &[
    Model { name: "publish", run: publish::run, mutants: publish::MUTANTS },
    Model { name: "segment", run: segment::run, mutants: segment::MUTANTS },
    Model { name: "snapshot", run: snapshot::run, mutants: snapshot::MUTANTS },
    Model { name: "origin", run: origin::run, mutants: origin::MUTANTS },
    Model { name: "last-user", run: last_user::run, mutants: last_user::MUTANTS },
    Model { name: "growth", run: growth::run, mutants: growth::MUTANTS },
];
