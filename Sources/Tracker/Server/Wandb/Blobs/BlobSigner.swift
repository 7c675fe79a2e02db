import Experiment
import Foundation
import HTTPTypes

/// Makes and checks addresses of files that need no other authorisation: clients send none with files.
///
/// An address is good for one method on one file until its time is over.
struct BlobSigner: Sendable {
    /// Runs last for days, and ask for the addresses of their files whenever they have one.
    static let lifetime: TimeInterval = 7 * 86400

    private let secret: [UInt8]

    init(secret: [UInt8]) { self.secret = secret }

    /// The address below a server's own, as `/blobs/run/ab12/media/x.png?expires=…&signature=…`.
    func address(_ method: HTTPRequest.Method, _ area: BlobArea, owner: RunID, path: RelativePath, now: Date) -> String
    {
        let address = "/blobs/\(area.rawValue)/\(owner)/\(Self.encoded(path))"
        let expires = Int(now.timeIntervalSince1970 + Self.lifetime)
        return "\(address)?expires=\(expires)&signature=\(signature(method, address, expires))"
    }

    /// Whether a request for `address` (as it is spelt, without its query) may be answered.
    func allows(
        _ method: HTTPRequest.Method, address: String, expires: String?, signature given: String?, now: Date
    ) -> Bool {
        guard let expires = expires.flatMap({ Int($0) }), let given, Double(expires) > now.timeIntervalSince1970 else {
            return false
        }
        return HMAC.isEqual(signature(method, address, expires), given)
    }

    private func signature(_ method: HTTPRequest.Method, _ address: String, _ expires: Int) -> String {
        HMAC.hex("\(method.rawValue)\n\(address)\n\(expires)", key: secret)
    }

    private static func encoded(_ path: RelativePath) -> String {
        path.names.map { $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? $0 }.joined(separator: "/")
    }

    /// Unreserved characters (RFC 3986): no client has a reason to spell them otherwise.
    private static let allowed = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
}

/// What files belong to; each kind lies in a folder of its own.
enum BlobArea: String, Sendable, CaseIterable {
    case run
    case artifact
}
