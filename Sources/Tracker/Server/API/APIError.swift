import Experiment
import HTTPTypes
import Hummingbird
import NIOCore
import TrackerStore

/// An answer that is not a success: a status and the message that goes with it.
struct APIError: Error {
    var status: HTTPResponse.Status
    var body: ErrorResponse
    /// Seconds after which to ask again; with status 503.
    var retryAfter: Int?

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String, expected: Int64? = nil) {
        self.status = status
        body = ErrorResponse(code: code, message: message, expected: expected)
    }

    /// What the client is told about `error`; nil when it is nothing that the client could mend.
    init?(_ error: any Error) {
        switch error {
        case let error as APIError:
            self = error
        case let error as StoreError:
            self.init(Self.status(of: error.kind), error.code, error.description, expected: error.expected)
        case is NIOTooManyBytesError:
            self.init(.contentTooLarge, "too_large", "the request is longer than the tracker takes; send less at once")
        case let error as HTTPError where error.status == .notFound:
            self.init(
                .notFound, "unknown_path", "the tracker has nothing at this address; is the client of its version?")
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            self.init(error.status, "bad_request", "the request is not one that the tracker understands")
        case _ where TransientFailure.describes(error):
            self = .unavailable
        default:
            return nil
        }
    }

    /// The database cannot be used now. Not the client's fault, and it loses nothing by sending again.
    static var unavailable: APIError {
        .busy("the tracker's database does not answer or takes nothing now; send again in a moment")
    }

    /// Clients that were all refused at once come back spread over some seconds.
    static func busy(_ message: String) -> APIError {
        var error = APIError(.serviceUnavailable, "unavailable", message)
        error.retryAfter = Int.random(in: 1...5)
        return error
    }

    var headers: HTTPFields {
        var fields = HTTPFields()
        if let retryAfter { fields[.retryAfter] = String(retryAfter) }
        if status == .unauthorized { fields[.wwwAuthenticate] = "Bearer" }
        return fields
    }

    func response() throws -> Response {
        var response = try Response.json(body, status: status)
        response.headers.append(contentsOf: headers)
        return response
    }

    private static func status(of code: StoreError.Code) -> HTTPResponse.Status {
        switch code {
        case .sequenceGap, .staleFence, .incompleteArtifact: .conflict
        case .tooLarge: .contentTooLarge
        case .invalidRecord, .invalidPlan, .invalidQuery, .invalidArtifact: .badRequest
        case .damaged: .internalServerError
        case .unknownAgent, .unknownArtifact, .unknownRun, .unknownSweep, .unknownStage, .unknownMetric, .unknownKey:
            .notFound
        }
    }
}
