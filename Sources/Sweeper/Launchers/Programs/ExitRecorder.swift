import Experiment

/// Writes down how a program ended, so that a sweeper that was not there to see it learns it afterwards: a program that
/// did its work is not run again because of the sweeper's death.
///
/// Our own trainer writes its result itself. Other programs are run by a shell that does nothing else; what it runs are
/// its arguments, which it never reads.
package enum ExitRecorder {
    /// Arguments: the run's settings file, the attempt, the program and its arguments. Signals to the group do not end
    /// the shell before the program has ended. A program that fails because it was asked to end has not failed by itself:
    /// nothing is written then, and whoever goes on with the sweep starts it again.
    private static let script = """
        trap asked=1 TERM INT HUP
        directory=${1%/*} attempt=$2 asked=
        shift 2
        "$@"
        code=$?
        [ -n "$asked" ] && [ $code -ne 0 ] && exit $code
        state=failed
        [ $code -eq 0 ] && state=finished
        printf '{"attempt":%d,"exitCode":%d,"state":"%s"}\\n' "$attempt" $code $state >"$directory/result.tmp" &&
            mv "$directory/result.tmp" "$directory/\(StageResult.fileName)"
        exit $code
        """

    package static let shell = "/bin/sh"

    /// The shell's arguments.
    package static func arguments(settings: String, attempt: Int, command: [String]) -> [String] {
        ["-c", script, "sh", settings, String(attempt)] + command
    }
}
