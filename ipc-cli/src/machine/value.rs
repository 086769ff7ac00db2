//! Shared values, with the present values of their fields.

use ipc::core::Result;
use ipc::mem::{Fingerprint, Kind};
use ipc::sync::futex::NativeInfo;

use super::library::{Described, line};
use crate::output::count;

/// Describes a shared value from its first bytes; fields come with their present values.
pub(crate) fn describe(head: &[u8]) -> Result<Described> {
    const OFFSET: usize = 16;
    const DESCRIPTION: usize = 64;

    let layout = Fingerprint::decode(head.get(DESCRIPTION..).unwrap_or_default())
        .map_err(|refusal| refusal.on("a shared value"))?;
    let names: Vec<_> =
        layout.fields().map(|field| field.path).filter(|path| !path.contains(['.', '['])).collect();
    let summary = if names.is_empty() {
        layout.kind().to_string()
    } else {
        format!("{{ {} }}", names.join(", "))
    };
    let size = layout.size().map_or_else(|| String::from("?"), |size| count(size, "byte", "bytes"));
    let offset = head
        .get(OFFSET..OFFSET + 4)
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u32::from_ne_bytes);
    let is = |kind, at: u64, size: u64| {
        let at = usize::try_from(at).ok()?.checked_add(offset as usize)?;
        now(kind, head.get(at..)?.get(..usize::try_from(size).ok()?)?)
    };
    let is = |kind, at, size| is(kind, at, size).map_or_else(String::new, |is| format!(" = {is}"));
    let whole = is(layout.kind(), 0, layout.size().unwrap_or(0) as u64);
    let mut details = vec![line("value", format_args!("{}, {size}{whole}", layout.kind()))];
    for field in layout.fields() {
        let is = is(field.kind, field.offset, field.size);
        details.push(line("field", format_args!("{}: {}{is}", field.path, field.kind)));
    }
    Ok(Described { summary, details })
}

/// The present value of a field, if its kind is known.
fn now(kind: Kind, bytes: &[u8]) -> Option<String> {
    let number = |len: usize| {
        let mut wide = [0; 8];
        wide[..len].copy_from_slice(bytes.get(..len)?);
        Some(u64::from_le_bytes(wide)) // the processors that this runs on are little-endian
    };
    let word = |at: usize| {
        bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_ne_bytes)
    };
    Some(match kind {
        Kind::U8 | Kind::U16 | Kind::U32 | Kind::U64 | Kind::ATOMIC => {
            number(bytes.len().min(8))?.to_string()
        }
        Kind::I8 => i8::from_ne_bytes(bytes.try_into().ok()?).to_string(),
        Kind::I16 => i16::from_ne_bytes(bytes.try_into().ok()?).to_string(),
        Kind::I32 => i32::from_ne_bytes(bytes.try_into().ok()?).to_string(),
        Kind::I64 => i64::from_ne_bytes(bytes.try_into().ok()?).to_string(),
        Kind::F32 => f32::from_ne_bytes(bytes.try_into().ok()?).to_string(),
        Kind::F64 => f64::from_ne_bytes(bytes.try_into().ok()?).to_string(),
        Kind::SEMAPHORE => format!("value {}, {} waiting", word(0)?, word(4)?),
        Kind::MUTEX => mutex(word(0)?, word(8)?),
        _ => NativeInfo::of_bytes(kind, bytes)?.to_string(),
    })
}

/// The state of a mutex of glibc, from its lock word and its owner.
fn mutex(lock: u32, owner: u32) -> String {
    const WAITERS: u32 = 0x8000_0000;
    const OWNER_DIED: u32 = 0x4000_0000;

    let waiting = if lock & WAITERS != 0 { ", threads wait" } else { "" };
    match (lock & !(WAITERS | OWNER_DIED), owner) {
        _ if lock & OWNER_DIED != 0 => format!("its owner died{waiting}"),
        (0, _) => String::from("free"),
        (_, 0) => format!("held{waiting}"),
        (_, owner) => format!("held by thread {owner}{waiting}"),
    }
}
