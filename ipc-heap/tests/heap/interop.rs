//! A C program that reads a vector, through the header in the folder `interop`.

use std::fs;

use ipc_heap::{Heap, HeapString, HeapVec};
use ipc_testkit::{Child, c_program, fixture, watchdog};

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../interop");

const C: &str = r#"
    int main(int argc, char **argv) {
        struct ipc_heap heap;
        struct ipc_heap_vec users;
        must(argc == 3);
        must(ipc_heap_open("/no-such-heap", &heap) == ENOENT);
        must(ipc_heap_open(argv[1], &heap) == 0);
        must(ipc_heap_vec(&heap, "nothing", 8, &users) == IPC_HEAP_NO_SUCH_OBJECT);
        must(ipc_heap_vec(&heap, "status", 8, &users) == IPC_HEAP_NOT_A_VECTOR);
        must(ipc_heap_vec(&heap, "empty", 8, &users) == 0 && users.len == 0 && users.elements == NULL);
        must(ipc_heap_vec(&heap, "users", sizeof(uint64_t), &users) == 0);
        must(users.offset == strtoull(argv[2], NULL, 10));
        must(users.elements == ipc_heap_at(&heap, users.offset, 8 * users.len));
        must(ipc_heap_at(&heap, 0, 8) == NULL && ipc_heap_at(&heap, users.offset, UINT64_MAX) == NULL);
        uint64_t sum = 0;
        for (uint64_t i = 0; i < users.len; i++)
            sum += ((const uint64_t *)users.elements)[i];
        say("%llu numbers, %llu in all", (unsigned long long)users.len, (unsigned long long)sum);
        ipc_heap_close(&heap);
        return 0;
    }
"#;

#[test]
fn a_program_in_c_reads_a_vector_by_its_name_and_offset() {
    watchdog(|| {
        let header = fs::read_to_string(format!("{INTEROP}/c/ipc_heap.h")).unwrap();
        let reader = c_program("heap reader", &format!("#include <stdlib.h>\n{header}{C}"));
        let name = fixture::name();
        let heap = Heap::create(&*name, 1 << 20).unwrap();
        heap.create_object::<HeapString>("status", "ready").unwrap();
        heap.create_object::<HeapVec<u64>>("empty", &[]).unwrap();
        let numbers: Vec<u64> = (1..=20_000).collect();
        let users = heap.create_object::<HeapVec<u64>>("users", &numbers).unwrap();
        let offset = users.lock().unwrap().offset().to_string();
        let mut child = Child::run(&reader, &[&name, &offset]);
        child.wait_for("20000 numbers, 200010000 in all");
        child.finish();
    });
}
