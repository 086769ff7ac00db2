//! C programs at the other end.

use ipc_queue::{MessageQueue, Select, SysvQueue, SysvQueueOptions};
use ipc_testkit::{Child, c_program, fixture, watchdog};

use crate::common::{key, passing, queue};

const POSIX: &str = r#"
    #include <fcntl.h>
    #include <mqueue.h>
    int main(int argc, char **argv) {
        must(argc == 3);
        mqd_t in = mq_open(argv[1], O_RDONLY);
        must(in != (mqd_t)-1);
        struct mq_attr attr = {.mq_maxmsg = 3, .mq_msgsize = 16};
        mqd_t out = mq_open(argv[2], O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
        must(out != (mqd_t)-1);
        must(mq_getattr(in, &attr) == 0 && attr.mq_maxmsg == 4 && attr.mq_msgsize == 64);
        must(mq_send(out, "low", 3, 1) == 0);
        must(mq_send(out, "high", 4, 2) == 0);
        say("ready");
        wait_for("go");
        char text[64];
        unsigned priority;
        must(mq_receive(in, text, sizeof text, &priority) == 5);
        must(priority == 9 && memcmp(text, "first", 5) == 0);
        must(mq_receive(in, text, sizeof text, &priority) == 0 && priority == 8);
        must(mq_send(out, "", 0, 0) == 0);
        return 0;
    }
"#;

#[test]
fn a_c_program_and_we_use_each_others_posix_queues() {
    watchdog(|| {
        let (ours, theirs) = (fixture::tagged("rust"), fixture::tagged("c"));
        let out = queue(&ours, 4);
        let mut c = Child::run(&c_program("posix", POSIX), &[&ours, &theirs]);
        c.wait_for("ready");
        let from = MessageQueue::open(&*theirs).unwrap();
        assert_eq!((from.capacity(), from.message_size(), from.len().unwrap()), (3, 16, 2));
        out.send(b"", 8).unwrap();
        out.send(b"first", 9).unwrap();
        c.tell("go");
        let got = [(); 3].map(|()| from.recv().unwrap());
        let got = got.each_ref().map(|got| (got.bytes.as_slice(), got.priority));
        assert_eq!(got, [(&b"high"[..], 2), (b"low", 1), (b"", 0)]);
        c.finish();
    });
}

const SYSV: &str = r#"
    #include <sys/msg.h>
    struct message { long type; char text[32]; };
    int main(int argc, char **argv) {
        must(argc == 3);
        int in = msgget(atoi(argv[1]), 0);
        must(in != -1);
        int out = msgget(atoi(argv[2]), IPC_CREAT | IPC_EXCL | 0600);
        must(out != -1);
        struct message message = {.type = 7, .text = "seven"};
        must(msgsnd(out, &message, 5, 0) == 0);
        message.type = 3;
        must(msgsnd(out, &message, 0, 0) == 0);
        say("ready");
        must(msgrcv(in, &message, sizeof message.text, 2, 0) == 3);
        must(message.type == 2 && memcmp(message.text, "two", 3) == 0);
        must(msgrcv(in, &message, sizeof message.text, 0, 0) == 3 && message.type == 1);
        struct msqid_ds state;
        must(msgctl(in, IPC_STAT, &state) == 0 && (state.msg_perm.mode & 0777) == 0640 && state.msg_qbytes == 2000);
        return 0;
    }
"#;

#[test]
fn a_c_program_and_we_use_each_others_system_v_queues() {
    watchdog(|| {
        let (ours, theirs) = (key(), key());
        let out = SysvQueue::create(ours, passing().permissions(0o640).byte_limit(2000)).unwrap();
        let mut c = Child::run(
            &c_program("sysv", SYSV),
            &[&ours.raw().to_string(), &theirs.raw().to_string()],
        );
        c.wait_for("ready");
        let from = SysvQueue::open_or_create(theirs, SysvQueueOptions::new()).unwrap();
        assert!(!from.was_created());
        out.send(b"one", 1).unwrap();
        out.send(b"two", 2).unwrap();
        let got = from.recv(Select::UpTo(9)).unwrap();
        assert_eq!((got.bytes.as_slice(), got.kind), (&b""[..], 3));
        assert_eq!(from.recv(Select::Type(7)).unwrap().bytes, b"seven");
        c.finish();
        SysvQueue::remove(theirs).unwrap();
    });
}
