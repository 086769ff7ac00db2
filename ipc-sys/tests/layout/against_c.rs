//! The comparison with a C program, which this machine's C compiler builds with its headers.

use std::collections::BTreeSet;

use crate::{
    c_program,
    rows::{Constant, Member, Sign, Type, same},
    table::{self, constants, functions, members, types},
};

/// A subject, the C expression that describes it, and its value in Rust.
struct Fact(String, String, i128);

fn fact(about: String, c: String, rust: impl TryInto<i128>) -> Fact {
    Fact(about, c, rust.try_into().ok().expect("128 bits hold every integer of C"))
}

fn of_constants() -> Vec<Fact> {
    let row = |Constant { name, c, value, .. }| {
        fact(format!("the value of {name}"), String::from(c), value)
    };
    constants().into_iter().map(row).collect()
}

fn of_types_and_members() -> Vec<Fact> {
    let mut facts = Vec::new();
    for Type { c, size, align, sign, .. } in types() {
        facts.push(fact(format!("the size of {c}"), format!("sizeof({c})"), size));
        facts.push(fact(format!("the alignment of {c}"), format!("_Alignof({c})"), align));
        facts.extend(
            sign.map(|sign| fact(format!("the sign of {c}"), format!("({c})-1 < 0"), sign.signed)),
        );
    }
    for Member { c, path, offset, size, sign } in members() {
        facts.push(fact(
            format!("the offset of {path} in {c}"),
            format!("offsetof({c}, {path})"),
            offset,
        ));
        facts.push(fact(
            format!("the size of {path} in {c}"),
            format!("sizeof((({c} *)0)->{path})"),
            size,
        ));
        facts.extend(sign.map(|Sign { signed, dimensions }| {
            let one = format!("(({c} *)0)->{path}{}", "[0]".repeat(dimensions));
            fact(format!("the sign of {path} in {c}"), format!("(__typeof__({one}))-1 < 0"), signed)
        }));
    }
    facts
}

/// The output of a C program that prints C's value of each fact, one a line. It is empty if the
/// headers are older than those of the bindings, because they may lack some items.
fn program() -> String {
    let [linux, libc] = [table::LINUX, table::LIBC].map(|[major, minor]| major << 16 | minor << 8);
    let say = |Fact(_, c, _)| format!("say({c});\n");
    // C reaches some members through macros of the same name, which would break the paths.
    let forget = |Member { path, .. }| format!("#undef {}\n", path.rsplit('.').next().unwrap());
    [
        "#include \"headers.h\"\n#include <linux/version.h>\n".into(),
        format!("#if LINUX_VERSION_CODE < {linux} \\\n"),
        format!("    || defined __GLIBC__ && (__GLIBC__ << 16 | __GLIBC_MINOR__ << 8) < {libc}\n"),
        "int main(void) {}\n#else\n".into(),
        "static void say(long long n) { printf(\"%lld\\n\", n); }\nint main(void) {\n".into(),
        of_constants().into_iter().map(say).collect::<String>(),
        members().into_iter().map(forget).collect(),
        of_types_and_members().into_iter().map(say).collect(),
        "}\n#endif\n".into(),
    ]
    .concat()
}

#[test]
fn everything_lies_in_memory_as_c_says_and_has_its_value() {
    let facts: Vec<_> = of_constants().into_iter().chain(of_types_and_members()).collect();
    let answer = c_program::run("layout", &program());
    if answer.is_empty() {
        eprintln!(
            "Not compared: the headers here are older than those that the bindings were made of."
        );
        return;
    }
    let answers: Vec<i128> = answer.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(answers.len(), facts.len());
    let wrong: Vec<_> = facts
        .iter()
        .zip(answers)
        .filter(|(Fact(.., rust), c)| !same(*rust, *c))
        .map(|(Fact(about, _, rust), c)| format!("{about}: {rust} in Rust, {c} in C\n"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

#[test]
fn everything_that_is_bound_is_compared() {
    let known: BTreeSet<String> = [
        constants().iter().map(|row| format!("const {}", row.name)).collect(),
        functions().iter().map(|(name, _)| format!("fn {name}")).collect(),
        types().iter().map(|row| format!("type {}", row.c.rsplit(' ').next().unwrap())).collect(),
        members()
            .iter()
            .map(|row| format!("member {}", row.path.rsplit('.').next().unwrap()))
            .collect::<Vec<_>>(),
    ]
    .concat()
    .into_iter()
    .collect();
    // Lists the items of the file by the first words of their lines. A type without a name in C is
    // compared through its members, an alias through its target, and the content of musl's
    // `__pthread` is private. The members inside the C library's locks differ between versions, and
    // nothing uses them: these locks are compared by size and alignment only.
    let mut is_private = false;
    let bound = table::BINDINGS.lines().filter_map(|line| {
        let line = line.trim_start().strip_prefix("pub ")?;
        let (kind, rest) = line.strip_prefix("safe ").unwrap_or(line).split_once([' ', ':'])?;
        if matches!(kind, "struct" | "union") {
            is_private = rest.starts_with("__pthread_");
        }
        let name = || rest.split([':', '(', ' ', ';']).next().unwrap();
        Some(match kind {
            "const" | "fn" | "type" => format!("{kind} {}", name()),
            "struct" | "union" => format!("type {}", name()),
            "use" => return None,
            _ if is_private => return None,
            member => format!("member {member}"),
        })
    });
    let nowhere = |item: &String| {
        item == "type __pthread" || item == "member _unused" || item.contains("__bindgen_")
    };
    let missing: Vec<_> = bound.filter(|item| !known.contains(item) && !nowhere(item)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_function_is_in_the_c_library() {
    // This program would not link without the functions; a null address would not be a function.
    for (name, address) in functions() {
        assert!(!address.is_null(), "{name}");
    }
}
