import Experiment
import Foundation
import Testing
import TrackerClient
import TrackerStore

@testable import TrackerServer

@Suite("Artifacts of W&B's clients", .timeLimit(.minutes(1)))
struct ArtifactResolverTests {
    private let create = """
        mutation CreateArtifact($input: CreateArtifactInput!) {
          createArtifact(input: $input) { artifact { id state artifactSequence { id latestArtifact { id } } } }
        }
        """
    private let hello = "XUFAKrxLKna5cZ2REBfFkg=="

    private func artifact(_ graphql: GraphQLClient, project: String = "p") async throws -> GraphQLClient.Answer {
        try await graphql.send(
            create,
            [
                "input": .object([
                    "projectName": .string(project), "artifactTypeName": .string("model"),
                    "artifactCollectionName": .string("m"), "digest": .string("d"),
                    "aliases": .array([.object(["alias": .string("best")])]), "enableDigestDeduplication": .bool(true),
                ])
            ])
    }

    private func uploadURL(_ graphql: GraphQLClient, _ id: JSONValue, md5: String) async throws -> JSONValue? {
        let answer = try await graphql.send(
            """
            mutation($input: CreateArtifactFilesInput!) { createArtifactFiles(input: $input) {
              files { edges { node { storagePath uploadUrl uploadHeaders } } } } }
            """,
            [
                "input": .object([
                    "artifactFiles": .array([
                        .object(["artifactID": id, "name": .string("f"), "md5": .string(md5)])
                    ])
                ])
            ])
        return answer.data?.at("createArtifactFiles", "files", "edges", "0", "node", "uploadUrl")
    }

    private func manifestURL(_ graphql: GraphQLClient, _ id: JSONValue) async throws -> JSONValue? {
        try await graphql.send(
            """
            mutation($id: ID!) { createArtifactManifest(input: {artifactID: $id, name: "m", digest: "d", type: FULL}) {
              artifactManifest { id file { id uploadUrl uploadHeaders } } } }
            """, ["id": id]
        ).data?.at("createArtifactManifest", "artifactManifest", "file", "uploadUrl")
    }

    private func commit(_ graphql: GraphQLClient, _ id: JSONValue) async throws -> GraphQLClient.Answer {
        try await graphql.send(
            "mutation($id: ID!) { commitArtifact(input: {artifactID: $id}) { artifact { id versionIndex } } }",
            ["id": id])
    }

    /// Puts bytes at a signed address, without credentials.
    private func put(_ server: RunningServer, _ url: JSONValue?, _ text: String) async throws -> Int {
        let path = (url?.string ?? "").replacing(server.url, with: "")
        return try await TestClient(address: server.address).send(.put, path, body: Data(text.utf8)).status
    }

    private func manifest(size: Int = 5) -> String {
        #"{"version":1,"contents":{"f":{"digest":"\#(hello)","size":\#(size)}}}"#
    }

    @Test("Files come by their sums, the manifest last, and nothing is committed before all are there")
    func flow() async throws {
        try await withServer { server in
            let graphql = GraphQLClient(client: TestClient(address: server.address))
            let created = try await artifact(graphql)
            let id = try #require(created.data?.at("createArtifact", "artifact", "id"))
            #expect(created.data?.at("createArtifact", "artifact", "state") == .string("PENDING"))
            #expect(try await commit(graphql, id).errors.first?.contains("manifest has not arrived") == true)
            let url = try await uploadURL(graphql, id, md5: hello)
            let manifestURL = try await manifestURL(graphql, id)
            #expect(try await put(server, manifestURL, manifest()) == 200)
            #expect(try await commit(graphql, id).errors.first?.contains("'f' has not arrived") == true)
            // Half of a file, or another, is not kept.
            #expect(try await put(server, url, "hell") == 400)
            #expect(try await commit(graphql, id).errors.isEmpty == false)
            #expect(try await put(server, url, "hello") == 200)
            #expect(try await commit(graphql, id).data?.at("commitArtifact", "artifact", "versionIndex") == .int(0))
            // It is fixed now, whatever addresses are still about.
            #expect(try await put(server, manifestURL, manifest(size: 6)) == 410)
            #expect(try await artifact(graphql).data?.at("createArtifact", "artifact", "state") == .string("COMMITTED"))
            let other = try #require(
                try await graphql.send(
                    create,
                    [
                        "input": .object([
                            "projectName": .string("p"), "artifactTypeName": .string("model"),
                            "artifactCollectionName": .string("n"), "digest": .string("e"),
                        ])
                    ]
                ).data?.at("createArtifact", "artifact", "id"))
            #expect(try await uploadURL(graphql, other, md5: hello) == .null)
        }
    }

    @Test("Every field that clients insist on is there")
    func strictAnswers() async throws {
        try await withServer { server in
            let graphql = GraphQLClient(client: TestClient(address: server.address))
            let id = try #require(try await artifact(graphql).data?.at("createArtifact", "artifact", "id"))
            _ = try await put(server, try await uploadURL(graphql, id, md5: hello), "hello")
            _ = try await put(server, try await manifestURL(graphql, id), manifest())
            _ = try await commit(graphql, id)
            let answer = try await graphql.send(
                """
                query { project(name: "p") { artifactCollectionMembership(name: "m:best") {
                  __typename id versionIndex createdAt aliases { __typename id alias }
                  artifactCollection { __typename name project { id internalId name entity { name } } }
                  artifact {
                    __typename id artifactSequence { __typename name project { id internalId name entity { name } } }
                    versionIndex artifactType { name } ttlDurationSeconds ttlIsInherited tags { __typename id name }
                    state size digest digestAlgorithm commitHash fileCount createdAt updatedAt
                    aliases { __typename id alias artifactCollection { __typename name project { id } } }
                    currentManifest { file { directUrl } }
                    files { pageInfo { hasNextPage } edges { node { name: displayName directUrl sizeBytes md5 } } }
                  } } } }
                """)
            func check(_ value: JSONValue, _ path: String) {
                switch value {
                case .null: Issue.record("\(path) is null")
                case .object(let members): for (key, member) in members { check(member, "\(path).\(key)") }
                case .array(let items): for item in items { check(item, path) }
                default: break
                }
            }
            let membership = try #require(answer.data?.at("project", "artifactCollectionMembership"))
            check(membership, "membership")
            #expect(membership.at("__typename") == .string("ArtifactCollectionMembership"))
            #expect(membership.at("artifact", "__typename") == .string("Artifact"))
            #expect(membership.at("artifact", "size") == .int(5))
        }
    }

    @Test("S4: artifacts of another project are not there, by whatever name; S5: who may only read changes none")
    func access() async throws {
        var options = ServerOptions(port: 0)
        options.requiresTokens = true
        try await withServer(options: options) { server in
            func client(_ role: AccessRole, _ project: String) async throws -> GraphQLClient {
                let token = try await server.store.createToken(name: "t", role: role, project: project).secret
                return GraphQLClient(client: TestClient(address: TrackerAddress(url: server.url, token: token)))
            }
            let writer = try await client(.write, "p")
            let id = try #require(try await artifact(writer).data?.at("createArtifact", "artifact", "id"))
            _ = try await put(server, try await uploadURL(writer, id, md5: hello), "hello")
            _ = try await put(server, try await manifestURL(writer, id), manifest())
            _ = try await commit(writer, id)
            let other = try await client(.write, "q")
            let reader = try await client(.read, "p")
            let byID = "query($id: ID!) { artifact(id: $id) { id } }"
            #expect(try await reader.send(byID, ["id": id]).data?.at("artifact", "id") == id)
            #expect(try await other.send(byID, ["id": id]).data?.at("artifact") == .null)
            let theirs = try #require(
                try await artifact(other, project: "q").data?.at("createArtifact", "artifact", "id"))
            // A content of p is not known to q: its sum alone opens nothing.
            #expect(try await uploadURL(other, theirs, md5: hello)?.string != nil)
            for client in [reader, other] {
                for change in [
                    "mutation($id: ID!) { deleteArtifact(input: {artifactID: $id, deleteAliases: true}) { artifact { id } } }",
                    "mutation($id: ID!) { updateArtifact(input: {artifactID: $id, description: \"x\"}) { artifact { id } } }",
                    "mutation($id: ID!) { addAliases(input: {artifactID: $id, aliases: [{alias: \"x\"}]}) { success } }",
                ] {
                    let answer = try await client.send(change, ["id": id])
                    #expect(answer.status == 403 || !answer.errors.isEmpty)
                }
                let answer = try await artifact(client)
                #expect(answer.status == 403 || !answer.errors.isEmpty)
            }
            let kept = try await server.store.artifact(id: id.string ?? "")
            #expect(kept.description == nil && kept.aliases == ["best", "latest"])
        }
    }
}
