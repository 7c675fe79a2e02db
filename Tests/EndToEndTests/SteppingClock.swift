import Foundation

/// A clock on the wall that is stepped while programs run: what they are started with asks it in the kernel's place.
///
/// The kernel's own clock is the whole machine's; these programs, PostgreSQL among them, see the same but for the step.
struct SteppingClock {
    /// Its size says by how much: nothing, an hour ahead, an hour behind.
    private let file: String
    private let library: String

    private static let source = """
        #define _GNU_SOURCE
        #include <stdlib.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static time_t step(void) {
            struct stat file;
            const char *path = getenv("STEPPING_CLOCK");
            if (!path || stat(path, &file) != 0 || file.st_size == 0) return 0;
            return file.st_size == 1 ? 3600 : -3600;
        }
        int clock_gettime(clockid_t clock, struct timespec *now) {
            int result = (int)syscall(SYS_clock_gettime, clock, now);
            if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += step();
            return result;
        }
        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
            struct timespec exact;
            int result = clock_gettime(CLOCK_REALTIME, &exact);
            now->tv_sec = exact.tv_sec;
            now->tv_usec = exact.tv_nsec / 1000;
            return result;
        }
        time_t time(time_t *result) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (result) *result = now.tv_sec;
            return now.tv_sec;
        }
        """

    init(in laboratory: Laboratory) async throws {
        let source = try laboratory.write(SteppingClock.source, to: "clock.c")
        library = laboratory.home + "/clock.so"
        file = try laboratory.write("", to: "step")
        let made = try await laboratory.run(
            "/bin/sh", "-c", "$(command -v cc || echo clang) -shared -fPIC -O1 -o '\(library)' '\(source)'")
        guard made.code == 0 else { throw Laboratory.Failure("the clock was not compiled: \(made.errors)") }
    }

    /// The laboratory with programs that see it.
    func seen(by laboratory: Laboratory) -> Laboratory {
        laboratory.setting("LD_PRELOAD", to: library).setting("STEPPING_CLOCK", to: file)
    }

    enum Step: String {
        case none = ""
        case hourAhead = "+"
        case hourBehind = "--"
    }

    func step(_ step: Step) throws { try step.rawValue.write(toFile: file, atomically: true, encoding: .utf8) }
}
