import CZlib
import Experiment
import HTTPTypes
import Hummingbird
import NIOCore

/// Bodies that may come compressed (RFC 9110, section 8.4).
enum ContentCoding {
    /// The body as it was before `Content-Encoding: gzip`; `limit` holds for both forms.
    static func body(of request: Request, upTo limit: Int) async throws -> [UInt8] {
        let body = Array(try await request.body.collect(upTo: limit).readableBytesView)
        switch request.headers[.contentEncoding]?.lowercased() {
        case nil, "identity": return body
        case "gzip": return try gunzip(body, upTo: limit)
        default:
            throw APIError(.unsupportedMediaType, "unknown_coding", "send the body as it is or compressed with gzip")
        }
    }

    static func gunzip(_ compressed: [UInt8], upTo limit: Int) throws(APIError) -> [UInt8] {
        var stream = z_stream()
        // 15 bits of window, and 16 for the form of gzip.
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .busy("the tracker has no memory to decompress this now; send again in a moment")
        }
        defer { inflateEnd(&stream) }
        var input = compressed
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        var status = Z_OK
        input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while status == Z_OK, output.count <= limit {
                piece.withUnsafeMutableBufferPointer { piece in
                    stream.next_out = piece.baseAddress
                    stream.avail_out = UInt32(piece.count)
                    status = inflate(&stream, Z_NO_FLUSH)
                    output.append(contentsOf: piece.dropLast(Int(stream.avail_out)))
                }
            }
        }
        guard output.count <= limit else {
            throw APIError(
                .contentTooLarge, "too_large", "the request is longer than the tracker takes; send less at once")
        }
        guard status == Z_STREAM_END else {
            throw APIError(.badRequest, "bad_gzip", "the body says it is compressed with gzip and is not")
        }
        return output
    }
}
