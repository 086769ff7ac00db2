/*
 * What the unwinder of a compiler for glibc asks for and musl lacks: a function of glibc 2.35, written
 * with what musl has, and functions that it calls if they are linked, without looking at each.
 */

#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* As <dlfcn.h> of glibc declares it. */
struct dl_find_object {
    unsigned long long flags;
    void *map_start, *map_end;
    struct link_map *link_map;
    void *eh_frame;
    unsigned long long reserved[7];
};

__attribute__((used)) static void (*const linked[])(void) = {
    (void (*)(void))pthread_once,
    (void (*)(void))pthread_mutex_lock,
    (void (*)(void))pthread_mutex_unlock,
};

struct search {
    uintptr_t address;
    struct dl_find_object *found;
};

static int look(struct dl_phdr_info *object, size_t size, void *argument)
{
    struct search *search = argument;
    uintptr_t eh_frame = 0;
    int inside = 0;
    (void)size;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        uintptr_t start = object->dlpi_addr + part->p_vaddr, end = start + part->p_memsz;
        if (part->p_type == PT_GNU_EH_FRAME)
            eh_frame = start;
        if (part->p_type == PT_LOAD && search->address >= start && search->address < end) {
            search->found->map_start = (void *)start;
            search->found->map_end = (void *)end;
            inside = 1;
        }
    }
    search->found->eh_frame = (void *)eh_frame;
    return inside && eh_frame != 0;
}

int _dl_find_object(void *address, struct dl_find_object *found)
{
    struct search search = { (uintptr_t)address, found };
    *found = (struct dl_find_object) { 0 };
    return dl_iterate_phdr(look, &search) ? 0 : -1;
}
