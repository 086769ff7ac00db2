//! How a range of memory will be used.

/// How a range of memory will be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// In no special way.
    Normal,
    /// Here and there.
    Random,
    /// From its beginning to its end.
    Sequential,
    /// Soon.
    WillNeed,
    /// Not soon.
    DontNeed,
}
