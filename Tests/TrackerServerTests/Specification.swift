import Experiment
import Foundation
import Yams

@testable import TrackerServer

/// `openapi.yaml`, and the part of JSON Schema that it uses.
struct Specification {
    private let root: JSONValue

    init() throws {
        let text = String(decoding: TrackerServer.specification, as: UTF8.self)
        root = try YAMLDecoder().decode(JSONValue.self, from: text)
    }

    /// As `GET /api/v1/runs`.
    var operations: [String] {
        (root["paths"]?.members ?? [:]).flatMap { path, item in
            ["get", "put", "post", "patch", "delete"].filter { item[$0] != nil }.map { "\($0.uppercased()) \(path)" }
        }
    }

    /// What is wrong with an answer; nil if it is as described.
    func problem(of body: String, status: Int, method: String, template: String) -> String? {
        guard let responses = root["paths"]?[template]?[method.lowercased()]?["responses"] else {
            return "no such operation"
        }
        guard let response = resolved(responses["\(status)"] ?? responses["default"]) else { return "status \(status)" }
        guard let content = response["content"] else { return body.isEmpty ? nil : "a body where none is described" }
        guard let schema = content["application/json"]?["schema"] else { return nil }
        guard let value = try? JSONCoding.decode(JSONValue.self, from: Data(body.utf8)) else { return "no JSON" }
        return problem(value, schema, at: "body")
    }

    private func problem(_ value: JSONValue, _ unresolved: JSONValue, at place: String) -> String? {
        guard let schema = resolved(unresolved) else { return "\(place): dangling reference" }
        if let type = schema["type"] {
            let types = type.items ?? [type]
            guard types.contains(where: { Self.isOf($0.label, value) }) else { return "\(place) is no \(type.label)" }
        }
        if let allowed = schema["enum"]?.items, !allowed.contains(value) { return "\(place) is none of the allowed" }
        if let members = value.members {
            let properties = schema["properties"]?.members ?? [:]
            for key in schema["required"]?.items ?? [] where members[key.label] == nil {
                return "\(place).\(key.label) is missing"
            }
            for (key, member) in members {
                if let property = properties[key] {
                    if let problem = problem(member, property, at: "\(place).\(key)") { return problem }
                } else if schema["additionalProperties"] == .bool(false) {
                    return "\(place).\(key) is not described"
                }
            }
        }
        if let items = value.items, let schema = schema["items"] {
            for (index, item) in items.enumerated() {
                if let problem = problem(item, schema, at: "\(place)[\(index)]") { return problem }
            }
        }
        return nil
    }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("null", .null): true
        case ("integer", .int), ("number", .int), ("number", .double): true
        default: false
        }
    }

    private func resolved(_ schema: JSONValue?) -> JSONValue? {
        guard case .string(let reference)? = schema?["$ref"] else { return schema }
        return resolved(reference.split(separator: "/").dropFirst().reduce(root as JSONValue?) { $0?[String($1)] })
    }
}

extension JSONValue {
    fileprivate var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    fileprivate var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
    fileprivate subscript(key: String) -> JSONValue? { members?[key] }
}
