/* Stands before every C program of the tests: see c_program.rs. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define must(holds)                                                                    \
    do {                                                                               \
        if (!(holds)) {                                                                \
            fprintf(stderr, "%s:%d: not so: %s (%s)\n", __FILE__, __LINE__, #holds,    \
                    strerror(errno));                                                  \
            exit(1);                                                                   \
        }                                                                              \
    } while (0)

__attribute__((unused, format(printf, 1, 2))) static void say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

__attribute__((unused)) static void wait_for(const char *wanted) {
    char line[1024];
    while (!fgets(line, sizeof line, stdin)) {
        must(errno == EINTR && !feof(stdin));
        clearerr(stdin);
    }
    line[strcspn(line, "\n")] = 0;
    if (strcmp(line, wanted) != 0) {
        fprintf(stderr, "the parent said `%s`, not `%s`\n", line, wanted);
        exit(1);
    }
}
