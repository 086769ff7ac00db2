//! Tests of the kinds of memory other than the named one, through the public API. They are one
//! program, so that all tests have one table of roles.

mod anonymous;
mod bytes;
mod file_systems;
mod growth;
mod growth_crashes;
mod growth_named;
mod mapped;
mod permissions;
mod placement;
mod sys;
mod sysv;
mod sysv_life;

#[test]
fn roles() {
    let tables = [
        anonymous::ROLES,
        file_systems::ROLES,
        growth::ROLES,
        growth_crashes::ROLES,
        growth_named::ROLES,
        mapped::ROLES,
        permissions::ROLES,
        placement::ROLES,
        sysv::ROLES,
        sysv_life::ROLES,
    ];
    ipc_testkit::play(&tables.concat());
}
