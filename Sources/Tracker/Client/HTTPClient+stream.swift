import CCurl
import Experiment

extension HTTPClient {
    /// Reads the answer to a GET as it comes, for as long as it comes: returns when the server ends it or `receive` has
    /// seen enough and answers false.
    ///
    /// Throws also where the answer is no success, and where nothing came for `silence` seconds.
    package func stream(
        _ path: String, headers more: [String] = [], silence: Int,
        receive: @escaping (UnsafeRawBufferPointer) -> Bool
    ) throws(TrackerClientError) {
        let headers = headerList(more + ["Accept: text/event-stream"])
        defer { curl_slist_free_all(headers) }
        saga_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        saga_curl_set_string(handle, CURLOPT_URL, address.url + path)
        saga_curl_set_long(handle, CURLOPT_HTTPGET, 1)
        saga_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, Method.get.rawValue)
        saga_curl_set_long(handle, CURLOPT_TIMEOUT, 0)
        saga_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        saga_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, silence)
        defer {
            saga_curl_set_long(handle, CURLOPT_TIMEOUT, timeout)
            saga_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, 0)
        }
        let flow = Flow(handle: handle, receive: receive)
        saga_curl_set_sink(handle, Flow.receive, Unmanaged.passUnretained(flow).toOpaque())
        let code = withExtendedLifetime(flow) { curl_easy_perform(handle) }
        if let status = flow.refused ?? refusedStatus(code) {
            throw TrackerClientError(
                TrackerClientError.badAnswer, "the tracker refuses the stream with HTTP status \(status)",
                status: status)
        }
        guard code == CURLE_OK || flow.isEnough else { throw failure(code, overflowed: false) }
    }

    /// Of an answer that ended without a word.
    private func refusedStatus(_ code: CURLcode) -> Int? {
        let status = saga_curl_status(handle)
        return code == CURLE_OK && !(200..<300).contains(status) ? status : nil
    }

    /// Where libcurl puts a stream's bytes.
    private final class Flow {
        let handle: UnsafeMutableRawPointer
        let receive: (UnsafeRawBufferPointer) -> Bool
        var refused: Int?
        var isEnough = false

        init(handle: UnsafeMutableRawPointer, receive: @escaping (UnsafeRawBufferPointer) -> Bool) {
            self.handle = handle
            self.receive = receive
        }

        static let receive: saga_curl_sink = { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let flow = Unmanaged<Flow>.fromOpaque(context).takeUnretainedValue()
            let length = size * count
            let status = saga_curl_status(flow.handle)
            guard (200..<300).contains(status) else {
                flow.refused = status
                return 0
            }
            guard flow.receive(UnsafeRawBufferPointer(start: bytes, count: length)) else {
                flow.isEnough = true
                return 0
            }
            return length
        }
    }
}
