import Foundation

/// Reads the secret out of an `Authorization` header.
enum Credentials {
    /// `Bearer SECRET`, or `Basic` with the secret as the password, which is how W&B's clients send their API key
    /// (RFC 7617). Nil where the header is neither.
    static func secret(authorization: String) -> String? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, authorization.utf8.count <= 1024 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return String(parts[1])
        case "basic":
            guard let pair = Data(base64Encoded: String(parts[1])).map({ String(decoding: $0, as: UTF8.self) }),
                let colon = pair.firstIndex(of: ":")
            else { return nil }
            return String(pair[pair.index(after: colon)...])
        default: return nil
        }
    }
}
