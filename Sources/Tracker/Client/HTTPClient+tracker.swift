import Experiment
package import FoundationEssentials

extension HTTPClient {
    /// An exchange that is answered in JSON; an answer that is not a success becomes the error that it describes.
    ///
    /// - Returns: nil for 204 (no content).
    package func exchange<Answer: Decodable>(
        _ method: Method, _ path: String, body: Data? = nil, contentType: String = "application/json",
        as type: Answer.Type
    ) throws(TrackerClientError) -> Answer? {
        let response = try send(method, path, body: body, contentType: contentType)
        if response.status == 204 { return nil }
        guard (200..<300).contains(response.status) else { throw Self.refusal(response) }
        do {
            return try JSONCoding.decode(type, from: response.body)
        } catch {
            throw TrackerClientError(
                TrackerClientError.badAnswer, "the answer to \(path) is not a tracker's; check SAGA_URL",
                status: response.status)
        }
    }

    /// The error that an answer with a failing status stands for.
    package static func refusal(_ response: Response) -> TrackerClientError {
        if let answer = try? JSONCoding.decode(ErrorResponse.self, from: response.body) {
            return TrackerClientError(
                answer.code, answer.message, status: response.status, expected: answer.expected)
        }
        return TrackerClientError(
            TrackerClientError.badAnswer,
            "the server answers with HTTP status \(response.status) and no reason; check that SAGA_URL is a tracker's",
            status: response.status)
    }
}

/// `text` as one part of a URL's path or query.
func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
    return encoded
}
