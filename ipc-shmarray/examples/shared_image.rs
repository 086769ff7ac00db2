//! One process creates an image in shared memory, another draws into it, the first displays it:
//!
//! ```sh
//! cargo run -p ipc-shmarray --example shared_image
//! ```

use std::env;
use std::error::Error;
use std::process::{self, Command};

use ipc_shmarray::ShmArray;

const COLUMNS: usize = 64;
const ROWS: usize = 24;

fn main() -> Result<(), Box<dyn Error>> {
    env::args().nth(1).map_or_else(parent, |name| painter(&name))
}

fn parent() -> Result<(), Box<dyn Error>> {
    let name = format!("/picture-{}", process::id());
    // The name is unlinked at the last detach.
    let picture = ShmArray::<u8>::create(&name, [COLUMNS, ROWS])?;

    if !Command::new(env::current_exe()?).arg(&name).status()?.success() {
        return Err("the painter failed".into());
    }
    let pixels = picture.to_vec();
    for row in pixels.chunks(COLUMNS) {
        let ink = |pixel: &u8| [' ', '.', ':', 'o', 'O', '@'][usize::from(*pixel) / 43];
        println!("{}", row.iter().map(ink).collect::<String>());
    }
    assert_eq!((picture.get([COLUMNS / 2, ROWS / 2])?, picture.get([0, 0])?), (255, 0));
    Ok(())
}

/// A ball, bright in the middle.
fn painter(name: &str) -> Result<(), Box<dyn Error>> {
    let picture = ShmArray::<u8>::open(name)?;
    picture.expect_shape([COLUMNS, ROWS])?;
    for y in 0..ROWS {
        for x in 0..COLUMNS {
            let (dx, dy) = (x.abs_diff(COLUMNS / 2), 2 * y.abs_diff(ROWS / 2));
            picture.set([x, y], 255 - u8::try_from(255.min(dx * dx + dy * dy))?)?;
        }
    }
    Ok(())
}
