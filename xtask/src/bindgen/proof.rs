//! The proofs of a file of bindings: a table for the tests of ipc-sys, and assertions for a C
//! compiler, also of targets whose programs cannot run here.

use std::fmt::Write as _;

use super::{
    generate::{AllowList, Constant},
    items::{Items, Member, Named, Shape},
    target::Versions,
};

/// The table of `ipc-sys/tests/layout`: the items to compare, as calls of its macros.
pub(super) fn table(triple: &str, versions: &Versions, items: &Items, list: &AllowList) -> String {
    let [libc, linux] = [&versions.libc, &versions.linux].map(|parts| parts.join(", "));
    let mut text = format!(
        "pub(crate) const BINDINGS: &str = include_str!(\"../../src/bindings/{triple}.rs\");\n\
         pub(crate) const LIBC: [u32; 2] = [{libc}];\n\
         pub(crate) const LINUX: [u32; 2] = [{linux}];\n\n\
         constants! {{\n"
    );
    for constant in &list.constants {
        _ = match (&constant.name, &constant.expression) {
            (name, c) if name == c => writeln!(text, "    {name};"),
            (name, c) => writeln!(text, "    {name} = \"{c}\";"),
        };
    }
    text += "}\n\ntypes! {\n";
    for Named { rust, c, shape } in &items.types {
        _ = writeln!(text, "    {} {rust} \"{c}\";", kind(shape.signed));
    }
    text += "}\n\nmembers! {\n";
    for members in items.members.chunk_by(|one, next| one.rust == next.rust) {
        _ = writeln!(text, "    {} \"{}\" {{", members[0].rust, members[0].c);
        for Member { rust_path, c_path, shape, .. } in members {
            let c = if rust_path == c_path { String::new() } else { format!(" = \"{c_path}\"") };
            _ = writeln!(text, "        {} {rust_path}{c};", kind(shape.signed));
        }
        text += "    }\n";
    }
    text += "}\n\nfunctions! {\n";
    for name in &items.functions {
        _ = writeln!(text, "    {name}");
    }
    text + "}\n"
}

fn kind(signed: Option<bool>) -> &'static str {
    if signed.is_some() { "int" } else { "other" }
}

/// A C source that compiles only if the headers agree with every assertion in it.
pub(super) fn assertions(headers: &str, items: &Items, list: &AllowList) -> String {
    let mut text = String::from(headers);
    let says = |text: &mut String, fact: &str| _ = writeln!(text, "_Static_assert({fact}, \"\");");
    for Constant { name, expression, .. } in &list.constants {
        // Some flags are unsigned in C although its functions take an `int`: the same bits.
        let value = items.constants[name];
        says(
            &mut text,
            &format!("({expression}) == {value} || ({expression}) == {}", value + (1 << 32)),
        );
    }
    for Named { c, shape: Shape { size, align, signed }, .. } in &items.types {
        says(&mut text, &format!("sizeof({c}) == {size} && _Alignof({c}) == {align}"));
        if let Some(signed) = signed {
            says(&mut text, &format!("(({c})-1 < 0) == {}", u8::from(*signed)));
        }
    }
    // C reaches some members through macros of the same name, which would break the paths.
    for Member { c_path, .. } in &items.members {
        _ = writeln!(text, "#undef {}", c_path.rsplit('.').next().unwrap_or_default());
    }
    for Member { c, c_path, dimensions, offset, shape: Shape { size, signed, .. }, .. } in
        &items.members
    {
        says(&mut text, &format!("offsetof({c}, {c_path}) == {offset}"));
        says(&mut text, &format!("sizeof((({c} *)0)->{c_path}) == {size}"));
        if let Some(signed) = signed {
            let signed = u8::from(*signed);
            let element = format!("{c_path}{}", "[0]".repeat(*dimensions));
            says(&mut text, &format!("((__typeof__((({c} *)0)->{element}))-1 < 0) == {signed}"));
        }
    }
    text
}
