//! Frames from one writer to many readers: pictures of a camera, spectra, states of a simulation.
//!
//! | to | there is |
//! |---|---|
//! | publish frames | [`FrameWriter::create`], [`FrameWriter::write`] |
//! | fill a frame in place | [`FrameWriter::next_slot`] |
//! | take each frame, or only the newest | [`FrameReader::wait_next`], [`FrameReader::wait_latest`] |
//! | poll | [`FrameReader::try_next`], [`FrameReader::try_latest`] |
//! | copy a frame into memory of your own | [`FrameReader::read_into`] |
//! | compute on a frame without a copy | [`FrameReader::try_view`] |
//! | go on after the writer was restarted | [`FrameReader::reopen`] |
//! | see who writes, and how many frames each reader is behind; readers without write permission, and readers in Python, are not listed | [`FramesInfo`] |
//!
//! # Guarantees
//!
//! - A frame that a reader gets is whole. A reader knows exactly how many frames it missed.
//! - The writer waits for no reader, and no reader for another. Readers map the frames read-only.
//! - A writer that is killed in the middle of a frame leaves a slot that no reader accepts. Readers
//!   that wait get an error about 30 ms after the last thread of the killed process has ended. A
//!   writer that is stopped is not dead.
//! - A reader announces on a shared page that it sleeps, and needs permission to write the object for
//!   that. Without it, a reader can wait only for a writer with [`Wake::EveryFrame`].
//! - The name is removed when the last attached process drops its last handle, unless that process
//!   is a reader: then the name stays, and the next writer takes it.

mod attendance;
mod frame;
mod frame_slot;
mod info;
mod layout;
mod options;
mod parts;
mod reader;
mod reading;
mod slot;
mod writer;

pub use frame::{Frame, FrameInfo, FrameView, Pick};
pub use frame_slot::FrameSlot;
pub use info::{FramesInfo, FramesLayout, ReaderInfo, WriterStatus};
pub use options::{FrameOptions, Wake};
pub use reader::FrameReader;
pub use writer::FrameWriter;
