import HTTPTypes

/// Keeps web pages of other sites away from the server.
///
/// A browser that can reach the server does so for every page it shows. The name that the page used (`Host`) must be
/// one of the server's, or a foreign name was pointed here (DNS rebinding); and the page that asks (`Origin`,
/// `Sec-Fetch-Site`) must be the server's own (request forgery). Programs send neither of the last two.
struct HostGuard: Sendable {
    /// Names beside the machine's own, in lower case and without ports.
    let names: Set<String>

    init(names: [String] = []) { self.names = Set(names.map { $0.lowercased() }) }

    static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    func refusal(host: String?, origin: String?, fetchSite: String?) -> APIError? {
        guard let host, isOurs(Self.nameWithoutPort(host)) else {
            return APIError(
                .forbidden, "foreign_host",
                "the tracker answers only to its own names; add others with 'tracker serve --allowed-host'")
        }
        if let origin, !Self.isPage(origin, of: host) { return Self.foreignPage }
        if let fetchSite, fetchSite != "same-origin", fetchSite != "none" { return Self.foreignPage }
        return nil
    }

    private func isOurs(_ name: String) -> Bool { Self.isLoopback(name) || names.contains(name.lowercased()) }

    /// TLS ends before us where there is any: then the page is https and the request is not.
    private static func isPage(_ origin: String, of host: String) -> Bool {
        let origin = origin.lowercased()
        let host = host.lowercased()
        return origin == "http://\(host)" || origin == "https://\(host)" && !isLoopback(nameWithoutPort(host))
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
