//! How a range of memory will be used.

/// How a range of memory will be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Without a special pattern.
    Normal,
    /// In random order.
    Random,
    /// In order, from its beginning to its end.
    Sequential,
    /// Soon.
    WillNeed,
    /// Not soon.
    DontNeed,
}
