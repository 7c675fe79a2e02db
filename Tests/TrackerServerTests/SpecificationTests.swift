import Experiment
import Foundation
import Logging
import TestSupport
import Testing
import TrackerStore
import Yams

@testable import TrackerServer

@Suite("The API's description", .timeLimit(.minutes(1)))
struct SpecificationTests {
    struct Call {
        var method, template, path: String
        var body = ""
        var status: Int

        init(_ method: String, _ template: String, _ path: String? = nil, _ body: String = "", _ status: Int = 200) {
            self.method = method
            self.template = template
            self.path = path ?? template
            self.body = body
            self.status = status
        }
    }

    @Test("Describes exactly the routes that the server has")
    func routes() async throws {
        let schema = try Specification()
        try await withServer { running in
            let server = try TrackerServer(
                store: running.store, home: running.home, options: ServerOptions(port: 0),
                logger: Logger(label: "test"))
            let routes = server.routes.map { $0.replacing("**", with: "{path}") }
            let ours = routes.filter { $0.contains(" /api/") || $0.hasSuffix(" /health") || $0.hasSuffix(" /metrics") }
            #expect(Set(ours) == Set(schema.operations))
        }
    }

    @Test("Is what the server answers: every operation's status and body")
    func answers() async throws {
        let schema = try Specification()
        try await withServer { server in
            var done: Set<String> = []
            for call in Self.calls {
                var path = call.path
                if path.contains("SWEEP") {
                    path = path.replacing("SWEEP", with: try await server.store.sweep(idOrName: "spec").id)
                }
                if path.contains("STAGE") {
                    path = path.replacing("STAGE", with: try await server.store.stages(sweep: "spec")[0].key)
                }
                let answer = try await RawRequest.send(
                    call.method, path, port: server.port, headers: ["Content-Type: application/json"], body: call.body)
                #expect(answer.status == call.status, "\(call.method) \(path): \(answer.text)")
                done.insert("\(call.method) \(call.template)")
                let problem = schema.problem(
                    of: answer.body, status: answer.status, method: call.method, template: call.template)
                #expect(problem == nil, "\(call.method) \(path): \(problem ?? "") in \(answer.body.prefix(300))")
            }
            // The stream of events has no end; it has its own tests.
            #expect(done.union(["GET /api/v1/events"]) == Set(schema.operations))
        }
    }

    @Test("A body that is not as described is found")
    func validator() throws {
        let schema = try Specification()
        func problem(_ body: String, _ template: String = "/api/v1/runs") -> String? {
            schema.problem(of: body, status: 200, method: "GET", template: template)
        }
        #expect(problem("[]") == nil)
        #expect(problem("{}") != nil)
        #expect(problem("[{}]") != nil)
        #expect(problem(#"{"status":"ok"}"#, "/health") == nil)
        #expect(problem(#"{"status":1}"#, "/health") != nil)
        #expect(problem(#"{"status":"ok","more":1}"#, "/health") != nil)
    }

    static let calls: [Call] = [
        Call("GET", "/health"), Call("GET", "/metrics"), Call("GET", "/api/v1/openapi.yaml"),
        Call(
            "POST", "/api/v1/runs/{run}/records", "/api/v1/runs/r1/records",
            """
            {"attempt":1,"records":[{"sequence":1,"record":{"start":{"_0":{"project":"p","config":{"lr":0.1},"tags":["t"],
            "host":"h","time":1790000000}}}},
            {"sequence":2,"record":{"metrics":{"_0":{"step":1,"time":1790000001,"values":{"loss":0.5,"odd":"NaN"}}}}},
            {"sequence":3,"record":{"file":{"_0":{"key":"k","step":0,"path":"a.txt","mediaType":"text/plain","bytes":1,
            "sha256":"\(SHA256.hex("x"))","time":1790000001}}}}]}
            """),
        Call("POST", "/api/v1/runs/{run}/records", "/api/v1/runs/r2/records", "{}", 400),
        Call(
            "PATCH", "/api/v1/runs/{run}", "/api/v1/runs/r1", #"{"name":"n","tags":["a","b"],"notes":"x","group":"g"}"#),
        Call("PATCH", "/api/v1/runs/{run}", "/api/v1/runs/r1", #"{"name":""}"#, 400),
        Call("GET", "/api/v1/runs"), Call("GET", "/api/v1/runs", "/api/v1/runs?state=odd", "", 400),
        Call("GET", "/api/v1/runs", "/api/v1/runs?limit=0", "", 400),
        Call("GET", "/api/v1/runs/{run}", "/api/v1/runs/r1"),
        Call("GET", "/api/v1/runs/{run}", "/api/v1/runs/none", "", 404), Call("GET", "/api/v1/projects"),
        Call("GET", "/api/v1/runs/{run}/metrics", "/api/v1/runs/r1/metrics"),
        Call("GET", "/api/v1/runs/{run}/history", "/api/v1/runs/r1/history?metrics=loss,odd&pixels=10"),
        Call("GET", "/api/v1/runs/{run}/history", "/api/v1/runs/r1/history?pixels=none", "", 400),
        Call("GET", "/api/v1/runs/{run}/export", "/api/v1/runs/r1/export"),
        Call("GET", "/api/v1/runs/{run}/export", "/api/v1/runs/r1/export?format=jsonl"),
        Call("GET", "/api/v1/runs/{run}/export", "/api/v1/runs/r1/export?format=xls", "", 400),
        Call("GET", "/api/v1/runs/{run}/console", "/api/v1/runs/r1/console"),
        Call("GET", "/api/v1/runs/{run}/alerts", "/api/v1/runs/r1/alerts"),
        Call("GET", "/api/v1/runs/{run}/files", "/api/v1/runs/r1/files"),
        Call("PUT", "/api/v1/runs/{run}/files/{path}", "/api/v1/runs/r1/files/a.txt", "x", 204),
        Call("GET", "/api/v1/runs/{run}/files/{path}", "/api/v1/runs/r1/files/a.txt"),
        Call("GET", "/api/v1/runs/{run}/files/{path}", "/api/v1/runs/r1/files/none", "", 404),
        Call(
            "POST", "/api/v1/sweeps", nil,
            #"{"definition":"name: spec\nproject: p\nmethod: grid\nparameters: {seed: {values: [1]}}","new":false}"#,
            201),
        Call("POST", "/api/v1/sweeps", nil, #"{"definition":"methud: grid","new":false}"#, 400),
        Call("GET", "/api/v1/sweeps"), Call("GET", "/api/v1/sweeps/{sweep}", "/api/v1/sweeps/SWEEP"),
        Call("GET", "/api/v1/sweeps/{sweep}", "/api/v1/sweeps/none", "", 404),
        Call(
            "POST", "/api/v1/sweeps/{sweep}/claims", "/api/v1/sweeps/SWEEP/claims",
            #"{"claimant":{"host":"h","pid":1,"startTicks":1},"leaseSeconds":60}"#),
        Call("GET", "/api/v1/sweeps/{sweep}/stages", "/api/v1/sweeps/SWEEP/stages"),
        Call(
            "POST", "/api/v1/sweeps/{sweep}/stages/{key}/reports", "/api/v1/sweeps/SWEEP/stages/STAGE/reports",
            #"{"fence":0,"event":{"succeeded":{}}}"#, 409),
        Call(
            "POST", "/api/v1/sweeps/{sweep}/stages/{key}/reports", "/api/v1/sweeps/SWEEP/stages/STAGE/reports",
            #"{"fence":1,"event":{"succeeded":{}}}"#),
        Call("PATCH", "/api/v1/sweeps/{sweep}", "/api/v1/sweeps/SWEEP", #"{"state":"paused"}"#),
        Call("PATCH", "/api/v1/sweeps/{sweep}", "/api/v1/sweeps/SWEEP", #"{"state":"odd"}"#, 400),
        Call("POST", "/api/v1/sweeps/{sweep}/retry", "/api/v1/sweeps/SWEEP/retry", #"{"trials":[1]}"#),
        Call("POST", "/api/v1/sweeps/{sweep}/retry", "/api/v1/sweeps/SWEEP/retry", #"{"trials":[7]}"#, 404),
        Call(
            "POST", "/api/v1/sweeps/{sweep}/extend", "/api/v1/sweeps/SWEEP/extend",
            #"{"definition":"name: spec\nproject: p\nmethod: grid\nparameters: {seed: {values: [1, 2]}}"}"#),
        Call("GET", "/api/v1/sweeps/{sweep}/definition", "/api/v1/sweeps/SWEEP/definition"),
        Call("GET", "/api/v1/sweeps/{sweep}/trials", "/api/v1/sweeps/SWEEP/trials"),
        Call("POST", "/api/v1/sweeps/reuse", nil, #"{"project":"p","keys":["a","b"]}"#),
        Call("GET", "/api/v1/sweeps/unneeded", "/api/v1/sweeps/unneeded?project=p&intermediate=true"),
        Call("GET", "/api/v1/sweeps/unneeded", nil, "", 400),
        Call("DELETE", "/api/v1/runs/{run}", "/api/v1/runs/r1", "", 204),
        Call("DELETE", "/api/v1/runs/{run}", "/api/v1/runs/r1", "", 404),
    ]
}
