//! The properties of a snapshot array, without opening it.

use ipc_core::Refusal;
use ipc_mem::{Fingerprint, Kind};

use crate::Shape;
use crate::any_array::Element;
use crate::copies::{self, Place};

/// The contents of the header of a [`SnapshotArray`](crate::SnapshotArray), decoded from its bytes
/// alone. No object is opened or mapped.
///
/// # Examples
///
/// ```
/// use ipc_mem::Kind;
/// use ipc_shmarray::{SnapshotArray, SnapshotArrayInfo};
///
/// # let name = format!("/snapshot-info-{}", std::process::id());
/// let ours = SnapshotArray::<f32>::create(&name, [3, 2])?;
/// let file = std::fs::read(format!("/dev/shm{name}"))?;
/// let info = SnapshotArrayInfo::of_bytes(&file, file.len()).map_err(|why| why.on(&name))?;
/// assert_eq!((info.kind, info.shape.dims(), info.copies), (Kind::F32, &[3, 2][..], 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SnapshotArrayInfo {
    /// The kind of the elements.
    pub kind: Kind,
    /// The size of one element, in bytes.
    pub element_size: usize,
    /// The number of elements in each direction, in one version.
    pub shape: Shape,
    /// The number of copies of all elements.
    pub copies: usize,
    /// The fingerprint, which describes the layout of the element type; `None` for the [numbered
    /// types](crate#format).
    pub description: Option<Fingerprint>,
}

impl SnapshotArrayInfo {
    /// Decodes the header of a snapshot array from the first bytes of a memory object of `size`
    /// bytes. The bytes may be arbitrary.
    ///
    /// If the element type has a fingerprint, `bytes` must contain all of it: its maximum length is
    /// [`Fingerprint::MAX_LEN`] bytes.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the bytes are not the header of a snapshot array, or are too few. The
    /// `Refusal` does not name the object; the caller adds the name.
    pub fn of_bytes(bytes: &[u8], size: usize) -> Result<Self, Refusal> {
        let short = || {
            let why = format!("found {} bytes, too few for a snapshot array", bytes.len());
            Refusal::mismatch("open", why)
        };
        let len = copies::head_len(bytes.get(..copies::FIXED).ok_or_else(short)?)?;
        let head = bytes.get(..len).ok_or_else(short)?;
        let (header, array) = copies::array_header(head)?;
        let (element, description) = Element::of(&header, array)?;
        let layout = |len| Some((len, element.layout(len)?));
        let elements = header.shape.checked_len().and_then(layout);
        let Place { shape, copies, .. } = Place::decode(head, size, &header, elements)?;
        let Element { kind, size: element_size, .. } = element;
        Ok(Self { kind, element_size, shape, copies, description })
    }
}
