//! A camera and two viewers, one of which takes every frame and the other only the newest. The
//! camera is killed, and the next one has another resolution:
//!
//! ```sh
//! cargo run -p ipc-ring --example camera
//! ```

use std::env;
use std::error::Error;
use std::process::{self, Child, Command};
use std::thread;
use std::time::Duration;

use ipc_core::Result;
use ipc_ring::frames::{FrameReader, FrameWriter};

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [] => studio(),
        ["camera", name, columns, rows] => Ok(camera(name, [columns.parse()?, rows.parse()?])?),
        ["recorder", name] => Ok(recorder(name)?),
        ["display", name] => Ok(display(name)?),
        _ => Err("camera [camera NAME COLUMNS ROWS | recorder NAME | display NAME]".into()),
    }
}

/// Starts all the others.
fn studio() -> std::result::Result<(), Box<dyn Error>> {
    let name = format!("/camera-{}", process::id());
    let start = |args: &[&str]| Command::new(env::current_exe()?).args(args).spawn();
    let mut first = start(&["camera", &name, "640", "480"])?;
    while FrameReader::<u8>::open(&name).is_err() {
        thread::yield_now();
    }
    let viewers = [start(&["recorder", &name])?, start(&["display", &name])?];
    thread::sleep(Duration::from_millis(300));
    first.kill()?; // in the middle of a frame, perhaps
    first.wait()?;
    let second = start(&["camera", &name, "320", "240"])?;
    for mut child in viewers.into_iter().chain([second]) {
        let status = Child::wait(&mut child)?;
        assert!(status.success(), "{status}");
    }
    FrameWriter::<u8>::unlink(&name)?;
    Ok(())
}

/// 100 frames a second, in place. A camera that is not killed stops after 50.
fn camera(name: &str, shape: [usize; 2]) -> Result<()> {
    let mut camera = FrameWriter::<u8>::create(name, shape)?;
    for brightness in 0..50 {
        let mut frame = camera.next_slot()?;
        frame.fill(brightness);
        frame.publish();
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Takes every frame, of one camera after the other.
fn recorder(name: &str) -> Result<()> {
    let mut camera = FrameReader::<u8>::open(name)?;
    loop {
        let mut frames = 0;
        let end = loop {
            match camera.wait_next() {
                Ok(_) => frames += 1,
                Err(err) => break err,
            }
        };
        let shape = camera.shape();
        println!("recorder: {frames} frames of {shape}, {} missed: {end}", camera.missed());
        if end.is_closed() {
            return Ok(());
        }
        reopen(&mut camera)?;
    }
}

/// Takes the newest frame from time to time, until it has seen the second camera.
fn display(name: &str) -> Result<()> {
    let mut camera = FrameReader::<u8>::open(name)?;
    loop {
        match camera.wait_latest() {
            Ok(frame) => {
                let (number, shape, skipped) = (frame.sequence(), frame.shape(), frame.missed());
                println!("display: frame {number} of {shape}, {skipped} skipped");
                thread::sleep(Duration::from_millis(100));
            }
            Err(err) if err.is_closed() => return Ok(()),
            Err(_) => {
                reopen(&mut camera)?;
            }
        }
    }
}

/// Waits for the next camera. While it replaces the dead one, the name is missing for a moment.
fn reopen(camera: &mut FrameReader<u8>) -> Result<()> {
    loop {
        match camera.reopen() {
            Ok(true) => return Ok(()),
            Err(err) if !err.is_not_found() => return Err(err),
            _ => thread::sleep(Duration::from_millis(1)),
        }
    }
}
