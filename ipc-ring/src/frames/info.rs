//! Properties of frames, without reading one.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ipc_core::{Error, Name, ProcessInstance, Refusal, Result, owner};
use ipc_mem::{Kind, Object, OpenOptions, Shape, Structure};

use super::Wake;
use super::layout::Frames;
use super::parts::{Entry, OPEN, SUPERSEDED};
use crate::Statistics;

/// The state of the writer of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "every reader has to act on each")]
pub enum WriterStatus {
    /// Its process is not proved dead. It may be stopped.
    Writing,
    /// It has closed the frames.
    Closed,
    /// Its process is proved dead, and did not close the frames.
    Died,
    /// Another writer has replaced the frames.
    Superseded,
}

/// Properties of frames: type and shape, the writer and the readers.
///
/// # Examples
///
/// ```
/// use ipc_mem::Kind;
/// use ipc_ring::frames::{FrameReader, FrameWriter, FramesInfo, WriterStatus};
///
/// # let name = format!("/info-{}", std::process::id());
/// let mut camera = FrameWriter::<u16>::create(&name, [4, 2])?;
/// camera.write(&[7; 8])?;
/// let viewer = FrameReader::<u16>::open(&name)?;
///
/// let info = FramesInfo::of(&name)?;
/// assert_eq!((info.layout.kind, info.sequence), (Kind::U16, 1));
/// assert_eq!((info.status, info.readers.len()), (WriterStatus::Writing, 1));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FramesInfo {
    /// The type, the shape and the number of slots.
    pub layout: FramesLayout,
    /// The id of the process that writes.
    pub writer: i32,
    /// The state of the writer.
    pub status: WriterStatus,
    /// The number of the newest frame, 0 before the first.
    pub sequence: u64,
    /// The time at which the newest frame was published, on `CLOCK_MONOTONIC`, unless the writer
    /// set another time.
    pub timestamp: Option<Duration>,
    /// The readers. Those without permission to write the object, and those in Python, are not
    /// known. Those whose process is dead are left out.
    pub readers: Vec<ReaderInfo>,
    /// The number of frames, and the frames that the readers have read and missed. `sender_sleeps`
    /// is always 0, because a writer never waits.
    pub statistics: Statistics,
}

/// The layout of frames, which never changes.
///
/// # Examples
///
/// ```
/// use ipc_mem::Kind;
/// use ipc_ring::frames::{FrameWriter, FramesLayout};
///
/// # let name = format!("/frames-layout-{}", std::process::id());
/// let camera = FrameWriter::<u16>::create(&name, [4, 2])?;
/// let file = std::fs::read(format!("/dev/shm{name}"))?;
/// let layout = FramesLayout::of_bytes(&file, file.len()).map_err(|refusal| refusal.on(&name))?;
/// assert_eq!((layout.kind, layout.shape.dims(), layout.slots), (Kind::U16, &[4, 2][..], 4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FramesLayout {
    /// The kind of the elements: [`Kind::STRUCT`] or [`Kind::ARRAY`] for structs and arrays, whose
    /// layout the header describes in a fingerprint.
    pub kind: Kind,
    /// The number of elements in each dimension of a frame.
    pub shape: Shape,
    /// The number of slots.
    pub slots: usize,
    /// Which readers the writer wakes.
    pub wake: Wake,
}

impl FramesLayout {
    /// Decodes the header of frames from the first bytes of a memory object of `size` bytes. The
    /// bytes may be arbitrary.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the bytes are not the header of frames, or are too few. The `Refusal` does
    /// not name the object; the caller adds it.
    pub fn of_bytes(bytes: &[u8], size: usize) -> Result<Self, Refusal> {
        let short = || {
            let why = format_args!("found {} bytes, too few for frames", bytes.len());
            Refusal::mismatch("open", why)
        };
        let len = Frames::head_len(bytes.get(..Frames::FIXED).ok_or_else(short)?)?;
        Frames::check(bytes.get(..len).ok_or_else(short)?, size)?.layout()
    }
}

/// Properties of one reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReaderInfo {
    /// The id of its process.
    pub process: i32,
    /// The number of the frame that it read last.
    pub sequence: u64,
    /// The number of frames that it has missed.
    pub missed: u64,
    /// The number of frames that it has read.
    pub received: u64,
    /// How many of its calls slept.
    pub sleeps: u64,
}

impl FramesInfo {
    /// Reads the properties of the frames with this name. The call does not register a reader.
    ///
    /// # Errors
    ///
    /// Those of [`FrameReader::open`](super::FrameReader::open).
    pub fn of(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::of_with(name, OpenOptions::new())
    }

    /// Reads the properties of the frames with this name, with options such as which owners to
    /// trust.
    ///
    /// # Errors
    ///
    /// Those of [`of`](Self::of).
    pub fn of_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        let frames = Object::<Frames>::open_read_only(name, options)?;
        let layout = frames.place().layout().map_err(|why| why.on(frames.memory().name()))?;
        let sequence = frames.writer().newest();
        let writer = frames.writer().status.process.load(Ordering::Relaxed);
        let held = (sequence > 0).then(|| frames.slot(sequence).0.holds(sequence));
        let timestamp = held.flatten();
        let readers = frames.readers().entries.iter().filter_map(|entry| {
            let word = entry.process.load(Ordering::Relaxed);
            let process = ProcessInstance::from_raw(word)?;
            if frames.is_our_namespace() && owner::is_dead(word) {
                return None;
            }
            let Entry { sequence, missed, received, sleeps, .. } = entry;
            let [sequence, missed, received, sleeps] =
                [sequence, missed, received, sleeps].map(|count| count.load(Ordering::Relaxed));
            Some(ReaderInfo { process: process.pid(), sequence, missed, received, sleeps })
        });
        let readers: Vec<_> = readers.collect();
        let sum = |of: fn(&ReaderInfo) -> u64| readers.iter().map(of).fold(0, u64::wrapping_add);
        let statistics = Statistics {
            sent: sequence,
            received: sum(|reader| reader.received),
            lost: sum(|reader| reader.missed),
            sender_sleeps: 0,
            receiver_sleeps: sum(|reader| reader.sleeps),
        };
        Ok(Self {
            layout,
            writer: ProcessInstance::from_raw(writer).map_or(0, ProcessInstance::pid),
            status: frames.status(true),
            sequence,
            timestamp: timestamp.map(Duration::from_nanos),
            readers,
            statistics,
        })
    }
}

impl Frames {
    /// The state of the writer. `look_for_death` asks for a proof that it is dead.
    #[inline]
    pub(super) fn status(&self, look_for_death: bool) -> WriterStatus {
        let status = &self.writer().status;
        let told = || match status.state.load(Ordering::Acquire) {
            OPEN => WriterStatus::Writing,
            SUPERSEDED => WriterStatus::Superseded,
            _ => WriterStatus::Closed,
        };
        match told() {
            WriterStatus::Writing if look_for_death && self.is_writer_dead() => match told() {
                WriterStatus::Writing => WriterStatus::Died,
                told => told, // it closed the frames, and then ended
            },
            told => told,
        }
    }

    #[cold]
    fn is_writer_dead(&self) -> bool {
        let writer = self.writer().status.process.load(Ordering::Relaxed);
        self.is_our_namespace() && owner::is_dead(writer)
    }
}
