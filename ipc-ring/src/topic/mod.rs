//! Messages from several publishers to several subscribers, each of which gets all of them.
//!
//! A publisher writes a message directly into shared memory, in a [`Loan`]. A subscriber gets a
//! [`Sample`] of it, without a copy: safe code then copies the message out of the sample, and
//! `unsafe` code can read it in place. Messages are values of one type, or slices (`[u8]` for
//! bytes) up to a declared length.
//!
//! A topic has a fixed number of places for publishers. Each subscriber has a queue for each place,
//! and chooses what happens when such a queue is full ([`WhenFull`]): publishers wait for it, or
//! messages are dropped and counted. A new subscriber first gets the last messages of each place
//! that were published before it was opened, the [history](TopicOptions::history), without the help
//! of any publisher.
//!
//! A publisher or subscriber that is killed, stopped (`SIGSTOP`) or slow blocks no other one, with
//! one exception: a subscriber that chose [`WhenFull::Block`] makes publishers wait while its queue
//! is full, until it is found dead. Samples that dead processes held become free again. A message
//! is received once, or counted as [missed](Sample::missed).

// How it works:
//
// Each publisher has samples of its own, and a queue to each subscriber: a ring of cells, each of
// which refers to a sample. A sample has a bit for each subscriber that queues or holds it. Its
// publisher uses it again when no bit is set and the message is older than the history.
//
// The publisher sets the bits of the subscribers for which it queues a message; a subscriber itself
// sets only its bits for the history, when it is opened. A cell is one atomic word. To take or drop
// a message, the subscriber or the publisher replaces the word. If both try, one of them succeeds,
// and that one clears the bit. The messages of a publisher are numbered without gaps
// ([`Sample::sequence`]). So a subscriber knows how many it missed, whatever the reason.
//
// The *generation* of a subscriber's slot grows with each subscriber that takes the slot. The
// *epoch* of the topic grows whenever the set of subscribers that publishers serve changes.
//
// | step of a publisher | store | killed right after it | repaired by |
// |---|---|---|---|
// | open | its process in a free slot, or in that of a dead process | the slot is that of a dead process | the next publisher in the slot |
// | loan | sample: free → being written | the sample is not free | the next publisher in the slot |
// | write | the message, its number | the sample is not free, and its number is greater than that of the last published message | the next publisher in the slot, which erases the number |
// | complete | sample: being written → complete, without references | the sample is not free | the next publisher in the slot |
// | publish | the number of the last message | the message is in the history; subscribers miss it | subscribers, which count the gap |
// | drop oldest | cell: ready → dropped | a bit without a place in the queue | the next publisher in the slot |
// | forget | the bit of a subscriber is cleared | none | |
// | choose | in the record of the publisher: the sample, and the subscribers that get it | none | |
// | refer | sample: the bits of all these | bits without a place in the queue | the next publisher in the slot: if no cell refers to the sample, it clears the bit, and the subscriber misses the message |
// | queue | cell → ready, for each subscriber | bits without a place in the queue, for the other subscribers | the same |
// | done | in the record of the publisher: no subscribers | a wake-up is lost | the subscribers: a wait looks at the queue from time to time |
// | close | no process | none | |
//
// | step of a subscriber | store | killed right after it | repaired by |
// |---|---|---|---|
// | open | its process in a free slot, or in that of a dead process | the slot is that of a dead process | the next process that opens the topic, and publishers that wait, or drop many messages: they put their own process there, clear the slot as below, and free it |
// | serve | its generation, its bit among those that publishers serve, a new epoch | its queues fill up; if it blocks, publishers wait | the same |
// | hold | its bit in the samples of the history | the samples are not free | the same |
// | take | cell: ready → taken | the sample is not free | the same |
// | release | its bit in the sample is cleared | none | |
// | clear | its bit among those served, a new epoch; cells: ready → taken; its bit in all samples | the slot is that of a dead process | the same |
// | close | no process | none | |
//
// A publisher that is stopped while it queues a message may continue when a subscriber is gone, and
// queue the message for it. Afterwards it checks whether the epoch has changed, and withdraws
// messages from subscribers that are no longer served. A later subscriber in the slot has another
// generation. The new subscriber ignores the queue of a publisher until that publisher has written
// into it the generation of this subscriber, and the position and number of the first message for
// it. So a publisher that withdraws a message late never changes the bits of a later subscriber in
// the same slot.

mod cell;
mod info;
mod intake;
mod layout;
mod loan;
mod options;
mod payload;
mod port;
mod publisher;
mod roll;
mod sample;
mod subscriber;
#[cfg(feature = "postcard")]
mod value;

pub use info::{PublisherInfo, SubscriberInfo, TopicInfo};
pub use loan::Loan;
pub use options::{SubscriberOptions, TopicOptions, WhenFull};
pub use payload::Payload;
pub use publisher::Publisher;
pub use sample::Sample;
pub use subscriber::Subscriber;
