import Experiment
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
    /// The longest JSON message that is taken.
    static let messageLimit = 8 << 20

    /// The body as a message; anything else is refused with a sentence that says what is wrong.
    func message<Message: Decodable>(_ type: Message.Type) async throws -> Message {
        guard headers[.contentType]?.hasPrefix("application/json") == true else {
            // Also keeps web pages of other sites out: they cannot send this type without being asked first.
            throw APIError(.unsupportedMediaType, "not_json", "send the header 'Content-Type: application/json'")
        }
        let body = try await body.collect(upTo: Self.messageLimit)
        do {
            return try JSONCoding.decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw APIError(.badRequest, "bad_message", "the message is not a \(type): \(error.place)")
        }
    }

    /// A value of the URL's query.
    func query(_ name: String) -> String? {
        uri.queryParameters[Substring(name)].map(String.init)
    }

    /// A number of the URL's query, nil where it is not there.
    func count(_ name: String, among range: ClosedRange<Int>) throws -> Int? {
        guard let text = query(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw APIError(
                .badRequest, "invalid_query",
                "'\(name)' is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONCoding.encode(value))))
    }
}

extension TrackerRequestContext {
    /// A part of the URL's path, as it was before percent-encoding.
    func part(_ name: String) throws -> String {
        let text = parameters.get(name)
        // Hardly any has an escape, and each request to a sweep asks for one or two.
        if let text, !text.utf8.contains(UInt8(ascii: "%")) { return text }
        guard let text = text?.removingPercentEncoding else {
            throw APIError(.badRequest, "bad_path", "the address is not properly percent-encoded")
        }
        return text
    }

    func run() throws -> RunID {
        guard let run = RunID(rawValue: try part("run")) else {
            throw APIError(
                .badRequest, "bad_run_id", "a run id has 1 to 128 letters, digits, '_', '-' and '.' and no dot first")
        }
        return run
    }
}

extension DecodingError {
    /// Where in the message the mistake is, and which; without the message's own text.
    fileprivate var place: String {
        let (context, what): (Context, String) =
            switch self {
            case .keyNotFound(let key, let context): (context, "the key '\(key.stringValue)' is missing")
            case .typeMismatch(let type, let context): (context, "expected \(type)")
            case .valueNotFound(let type, let context): (context, "expected \(type), found null")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (Context(codingPath: [], debugDescription: ""), "not valid JSON")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return String((path.isEmpty ? what : "\(what), at \(path)").prefix(300))
    }
}
