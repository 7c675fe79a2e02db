import Experiment
import Glibc

/// Why the server does not start.
package struct ServerError: UserFacingError, Hashable {
    package let code: String
    package let description: String

    static func notLoopback(_ host: String) -> ServerError {
        ServerError(
            code: "not_loopback",
            description: "--host \(host) would let anybody on the network in; add --auth and make tokens with "
                + "'tracker token create', or use 127.0.0.1 and reach it by 'ssh -L'")
    }

    static func unwritableHome(_ path: String) -> ServerError {
        ServerError(
            code: "unwritable_home", description: "\(path) cannot be written; set SAGA_HOME to a folder of yours")
    }

    static func badPort(_ port: Int) -> ServerError {
        ServerError(code: "bad_port", description: "there is no port \(port); choose one from 0 (any) to 65535")
    }

    static func cannotListen(host: String, port: Int, errno: Int32) -> ServerError {
        switch errno {
        case EADDRINUSE:
            ServerError(
                code: "port_in_use",
                description: "port \(port) of \(host) is in use, perhaps by another tracker; choose another with --port"
            )
        case EACCES:
            ServerError(
                code: "port_refused", description: "port \(port) is not yours to use; choose one above 1023 with --port"
            )
        default:
            ServerError(
                code: "cannot_listen",
                description: "cannot listen on \(host) port \(port) (\(String(cString: strerror(errno)))); "
                    + "choose others with --host and --port")
        }
    }
}
