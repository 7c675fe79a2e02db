import Dispatch
import Experiment
import FoundationEssentials
import TrackerClient

/// MLflow's REST API, as much of it as reading everything takes (version 2.0 of it, which servers 1 to 3 speak).
final class MLflowClient: @unchecked Sendable {
    // Unchecked: the client is used on the serial queue only.
    private let client: HTTPClient
    private let url: String
    private let queue = DispatchQueue(label: "mlflow")

    /// `url`: of the tracking server; `token`: as in MLFLOW_TRACKING_TOKEN.
    init(url: String, token: String?) throws(ImportError) {
        self.url = url
        do {
            client = try HTTPClient(address: TrackerAddress(url: url, token: token), timeout: 300)
        } catch {
            throw ImportError(error.code, error.description)
        }
    }

    func experiments() async throws -> [MLflowExperiment] {
        try await pages("experiments/search", ["max_results": .int(1000)], of: "experiments")
            .compactMap(MLflowExperiment.init)
    }

    func runs(of experiment: MLflowExperiment) async throws -> [MLflowRun] {
        let ask: [String: JSONValue] = ["experiment_ids": .array([.string(experiment.id)]), "max_results": .int(1000)]
        return try await pages("runs/search", ask, of: "runs").compactMap(MLflowRun.init)
    }

    /// Every value of a metric, in the order of logging as far as the server keeps it.
    func history(run: String, metric: String) async throws -> [MLflowPoint] {
        var points: [MLflowPoint] = []
        var token: String?
        repeat {
            var query = "run_id=\(Self.escaped(run))&metric_key=\(Self.escaped(metric))&max_results=25000"
            if let token { query += "&page_token=\(Self.escaped(token))" }
            let answer = try await send(.get, "metrics/get-history?\(query)", nil)
            points += (answer["metrics"]?.array ?? []).compactMap { MLflowPoint($0) }
            token = Self.next(answer, after: token)
        } while token != nil
        return points
    }

    private func pages(_ path: String, _ ask: [String: JSONValue], of name: String) async throws -> [JSONValue] {
        var elements: [JSONValue] = []
        var token: String?
        repeat {
            var ask = ask
            ask["page_token"] = token.map(JSONValue.string)
            let answer = try await send(.post, path, .object(ask))
            elements += answer[name]?.array ?? []
            token = Self.next(answer, after: token)
        } while token != nil
        return elements
    }

    /// Nil on the last page, and where a server would send us round in circles.
    private static func next(_ answer: [String: JSONValue], after token: String?) -> String? {
        guard let next = answer["next_page_token"]?.string, !next.isEmpty, next != token else { return nil }
        return next
    }

    private func send(
        _ method: HTTPClient.Method, _ path: String, _ body: JSONValue?
    ) async throws -> [String: JSONValue] {
        let response = try await exchange(method, "/api/2.0/mlflow/\(path)", body.map { Data($0.text.utf8) })
        let answer = (try? JSONParser.parse(Array(response.body)))?.object
        guard response.status == 200, let answer else {
            let reason = answer?["message"]?.string ?? "status \(response.status)"
            throw ImportError(
                "mlflow_refused", "\(url) does not answer as an MLflow server: \(reason.prefix(200)); check the address"
            )
        }
        return answer
    }

    private func exchange(
        _ method: HTTPClient.Method, _ path: String, _ body: Data?
    ) async throws -> HTTPClient.Response {
        do {
            return try await withCheckedThrowingContinuation { (done: CheckedContinuation<_, any Error>) in
                queue.async { done.resume(with: Result { try self.client.send(method, path, body: body) }) }
            }
        } catch let error as TrackerClientError where error.code == TrackerClientError.unreachable {
            throw ImportError(
                "mlflow_unreachable",
                "no MLflow server answers at \(url); start one with 'mlflow server', or check the address")
        }
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                byte < 128 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
            return isPlain ? String(UnicodeScalar(byte)) : (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
        }.joined()
    }
}
