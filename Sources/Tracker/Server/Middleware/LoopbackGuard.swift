import HTTPTypes

/// Keeps web pages away from a server on the machine's own address.
///
/// A browser on this machine reaches the server for every page it shows. The name that the page used (`Host`) must be
/// the machine's own, or a foreign name was pointed here (DNS rebinding); and the page that asks (`Origin`,
/// `Sec-Fetch-Site`) must be the server's own (request forgery). Programs send neither of the last two.
enum LoopbackGuard {
    static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    static func refusal(host: String?, origin: String?, fetchSite: String?) -> APIError? {
        guard let host, isLoopback(nameWithoutPort(host)) else {
            return APIError(
                .forbidden, "foreign_host", "the tracker answers only to the machine's own names, as 127.0.0.1")
        }
        if let origin, origin.lowercased() != "http://\(host.lowercased())" { return foreignPage }
        if let fetchSite, fetchSite != "same-origin", fetchSite != "none" { return foreignPage }
        return nil
    }

    private static var foreignPage: APIError {
        APIError(.forbidden, "foreign_origin", "pages of other sites may not use the tracker")
    }

    private static func nameWithoutPort(_ host: String) -> String {
        guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return host }
        let port = host[host.index(after: colon)...]
        return port.allSatisfy(\.isNumber) ? String(host[..<colon]) : host
    }
}
