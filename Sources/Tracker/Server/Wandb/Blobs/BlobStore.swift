import Experiment
import Foundation
import HTTPTypes

/// Files by signed addresses: those of runs lie where our own clients' do.
struct BlobStore: Sendable {
    /// Checkpoints are files too.
    private static let sizeLimit = 64 << 30

    private let runs: FileStore
    private let artifacts: FileStore
    let signer: BlobSigner

    init(home: SagaHome) throws(ServerError) {
        runs = FileStore(root: home.files, sizeLimit: Self.sizeLimit)
        artifacts = FileStore(root: home.path + "/artifacts", sizeLimit: ArtifactFiles.sizeLimit)
        signer = BlobSigner(secret: try BlobSecret.load(home: home))
    }

    subscript(area: BlobArea) -> FileStore {
        switch area {
        case .run: runs
        case .artifact: artifacts
        }
    }
}
