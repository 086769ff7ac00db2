#![doc = include_str!("../README.md")]

mod header;
mod waiting;

pub mod spsc;
