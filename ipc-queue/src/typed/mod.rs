//! Values instead of bytes, through either kind of queue.

mod carrier;
mod payload;
mod receiver;
mod sender;
mod unsent;

pub use carrier::Carrier;
pub use payload::Payload;
#[cfg(feature = "postcard")]
pub use payload::Postcard;
pub use receiver::Receiver;
pub use sender::Sender;
pub use unsent::Unsent;
