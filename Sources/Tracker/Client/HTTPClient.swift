import CCurl
package import Experiment
package import FoundationEssentials

/// HTTP to one tracker over one kept-alive connection; blocking, and to be used from one thread at a time.
///
/// What the server answers is data and nothing else: no redirect is followed, only HTTP and HTTPS are spoken, and an
/// answer longer than `responseLimit` bytes is refused.
package final class HTTPClient {
    package struct Response {
        package var status: Int
        package var body: Data
    }

    package enum Method: String {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
    }

    let address: TrackerAddress
    let timeout: Int
    private let responseLimit: Int
    let handle: UnsafeMutableRawPointer

    /// An exchange may take `timeout` seconds in all.
    package init(address: TrackerAddress, timeout: Int = 30, responseLimit: Int = 64 << 20) throws(TrackerClientError) {
        _ = Self.globalInit
        guard let handle = curl_easy_init() else {
            throw TrackerClientError(TrackerClientError.badAddress, "libcurl cannot start; is memory short?")
        }
        self.address = address
        self.handle = handle
        self.timeout = timeout
        self.responseLimit = responseLimit
        saga_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        saga_curl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
        saga_curl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1)
        saga_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        saga_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 5)
        saga_curl_set_long(handle, CURLOPT_TIMEOUT, timeout)
        saga_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        saga_curl_set_string(handle, CURLOPT_USERAGENT, "saga")
        if Self.isLoopback(address.url) {
            // A proxy set for the machine cannot reach the machine's own loopback.
            saga_curl_set_string(handle, CURLOPT_PROXY, "")
        }
    }

    deinit { curl_easy_cleanup(handle) }

    /// Gives the answer, whatever its status. `path` begins with a slash and has its parts percent-encoded.
    package func send(
        _ method: Method, _ path: String, body: Data? = nil, contentType: String = "application/json"
    ) throws(TrackerClientError) -> Response {
        // Without this libcurl waits a second for "100 Continue" before a longer body.
        let headers = headerList(["Expect:"] + (body == nil ? [] : ["Content-Type: \(contentType)"]))
        defer { curl_slist_free_all(headers) }
        saga_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        saga_curl_set_string(handle, CURLOPT_URL, address.url + path)

        let sink = Sink(limit: responseLimit)
        saga_curl_set_sink(handle, Sink.receive, Unmanaged.passUnretained(sink).toOpaque())
        let code = withExtendedLifetime(sink) { perform(method, body) }
        guard code == CURLE_OK else { throw failure(code, overflowed: sink.overflowed) }
        return Response(status: saga_curl_status(handle), body: Data(sink.bytes))
    }

    private func perform(_ method: Method, _ body: Data?) -> CURLcode {
        guard let body else {
            saga_curl_set_long(handle, CURLOPT_HTTPGET, 1)
            saga_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, method.rawValue)
            return curl_easy_perform(handle)
        }
        return body.withUnsafeBytes { bytes in
            saga_curl_set_long(handle, CURLOPT_POST, 1)
            saga_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, bytes.count)
            saga_curl_set_pointer(handle, CURLOPT_POSTFIELDS, bytes.baseAddress)
            saga_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, method.rawValue)
            return curl_easy_perform(handle)
        }
    }

    /// Lines of a request's head, with the address's token; to be freed by the caller.
    func headerList(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
        var headers: UnsafeMutablePointer<curl_slist>?
        let token = address.token.map { ["Authorization: Bearer \($0)"] } ?? []
        for line in lines + token { headers = curl_slist_append(headers, Self.headerSafe(line)) }
        return headers
    }

    func failure(_ code: CURLcode, overflowed: Bool) -> TrackerClientError {
        if overflowed {
            return TrackerClientError(
                TrackerClientError.badAnswer,
                "\(address.url) answers with more than \(responseLimit) bytes; is it a tracker?")
        }
        let reason = String(cString: curl_easy_strerror(code))
        let isWeb = address.url.hasPrefix("http://") || address.url.hasPrefix("https://")
        if code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UNSUPPORTED_PROTOCOL && isWeb {
            return TrackerClientError(
                TrackerClientError.badAnswer, "what answers at \(address.url) does not speak HTTP; check SAGA_URL")
        }
        if code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL {
            return TrackerClientError(
                TrackerClientError.badAddress,
                "SAGA_URL '\(address.url)' is not an HTTP address; use one like \(TrackerAddress.defaultURL)")
        }
        return TrackerClientError(
            TrackerClientError.unreachable,
            "no tracker answers at \(address.url) (\(reason)); start one with 'tracker serve' or set SAGA_URL")
    }

    private static let globalInit: Void = { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    private static func headerSafe(_ value: String) -> String {
        String(decoding: value.utf8.filter { $0 >= 32 && $0 != 127 }, as: UTF8.self)
    }

    private static func isLoopback(_ url: String) -> Bool {
        ["://127.", "://localhost", "://[::1]"].contains { url.contains($0) }
    }

    /// Where libcurl puts the answer's bytes.
    private final class Sink {
        var bytes: [UInt8] = []
        var overflowed = false
        private let limit: Int

        init(limit: Int) { self.limit = limit }

        static let receive: saga_curl_sink = { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
            let length = size * count
            guard sink.bytes.count + length <= sink.limit else {
                sink.overflowed = true
                return 0
            }
            sink.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: length))
            return length
        }
    }
}
