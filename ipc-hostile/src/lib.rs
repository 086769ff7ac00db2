//! Bytes that another process may have damaged, for tests and fuzz targets.
//!
//! [`memory`] lays arbitrary bytes out where a step too far is a fault. Each other module uses the
//! objects of one kind that are found in such bytes: an object lies inside them, or there is an
//! error that says why not. `fuzz` has a target for each; the tests of this crate run all inputs
//! that are kept in `fuzz/corpus`, and damaged objects of every kind.
//!
//! # Panics
//!
//! Every function panics if code of the toolkit believes bytes that lie.
//!
//! # Errors
//!
//! A function that returns a `Result` returns the error with which the bytes were refused.

#![expect(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "written above")]

pub mod array;
pub mod file;
pub mod fingerprint;
pub mod frames;
pub mod heap;
pub mod jobs;
pub mod mailbox;
pub mod memory;
pub mod message;
pub mod mpmc;
pub mod service;
pub mod spsc;
pub mod stream;
mod sys;
pub mod topic;
pub mod value;
