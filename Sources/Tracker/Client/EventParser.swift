/// Takes server-sent events (WHATWG HTML, 9.2) apart as their bytes come.
package struct EventParser {
    package struct Event: Sendable, Hashable {
        package var name: String
        package var data: String
    }

    /// Of the last event, to go on from after a break.
    package private(set) var lastID: String?
    /// Longer lines are no tracker's; what comes after them is dropped to the next line.
    private static let maximumLine = 1 << 20

    private var line: [UInt8] = []
    private var name = ""
    private var data: [String] = []

    package init(lastID: String? = nil) { self.lastID = lastID }

    /// The events that end within `bytes`.
    package mutating func take(_ bytes: some Sequence<UInt8>) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                if line.count < Self.maximumLine { line.append(byte) }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if let event = end(String(decoding: line, as: UTF8.self)) { events.append(event) }
            line.removeAll(keepingCapacity: true)
        }
        return events
    }

    private mutating func end(_ line: String) -> Event? {
        guard !line.isEmpty else {
            defer { (name, data) = ("", []) }
            return data.isEmpty ? nil : Event(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? parts[1] : ""
        if value.first == " " { value = value.dropFirst() }
        switch parts[0] {
        case "event": name = String(value)
        case "data": data.append(String(value))
        case "id": lastID = String(value)
        default: break
        }
        return nil
    }
}
