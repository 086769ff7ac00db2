//! The inputs that the fuzz targets kept, in a program of its own: it compares what is open.

use ipc_hostile::stream;
use ipc_testkit::{Rng, corpus, figures, rounds};

/// One test, as it counts descriptors, and tests run at once.
#[test]
fn inputs_that_a_fuzzer_kept_and_random_ones_are_read_or_refused() {
    type Run = fn(&[u8]);
    let targets: [(&str, Run); 3] = [
        ("control", stream::control),
        ("socket_name", stream::socket_name),
        ("ancillary", stream::ancillary),
    ];
    let mut rng = Rng::new();
    for (target, run) in targets {
        for (name, bytes) in corpus(target) {
            println!("{target}/{name}");
            run(&bytes);
        }
        let count = rounds(2000, 500_000);
        for _ in 0..count {
            let mut bytes = vec![0; rng.index(300)];
            rng.fill(&mut bytes);
            run(&bytes);
        }
        figures(format_args!("{target}: {count} random inputs"));
    }
}
