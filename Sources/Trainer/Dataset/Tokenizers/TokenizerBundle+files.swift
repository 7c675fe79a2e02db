import Experiment
import FoundationEssentials
import Tensor

extension TokenizerBundle {
    private typealias Entry = TokenizerManifest.Entry

    /// Writes weights, then the manifest; gives the weights' hashes by modality.
    @discardableResult
    func write(to directory: String, parameters: [String: Int]) throws(DatasetError) -> [String: String] {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            var weights: [(String, TokenizerManifest.Kind, [SafeTensors.Output])] = [
                ("image", .patches, image.quantizer.outputs()),
                ("pseudo-depth", .patches, depth.quantizer.outputs()),
                ("audio", .audio, audio.outputs()),
                ("video", .video, video.motion.outputs()),
            ]
            if let fineImage { weights.append((TokenizerBundle.fineImage, .patches, fineImage.quantizer.outputs())) }
            var entries: [Entry] = []
            for (modality, kind, outputs) in weights {
                let file = "\(modality).safetensors"
                var parameters = parameters
                if modality == TokenizerBundle.fineImage { parameters["patch"] = fineImage?.grid.patch }
                try SafeTensors.write(outputs, to: "\(directory)/\(file)")
                entries.append(
                    entry(
                        modality, kind, file: file, hash: try TokenizerBundle.hash(of: "\(directory)/\(file)"),
                        parameters: parameters))
            }
            entries.append(
                entry(
                    "label", .classes, file: nil, hash: SHA256.hex(labels.joined(separator: "\n")), parameters: [:]))
            let manifest = TokenizerManifest(format: format, labels: labels, tokenizers: entries)
            try JSONCoding.encode(manifest).write(
                to: URL(filePath: "\(directory)/\(TokenizerManifest.fileName)"), options: .atomic)
            return Dictionary(uniqueKeysWithValues: entries.map { ($0.modality, $0.sha256) })
        } catch {
            throw DatasetError(
                .write, "\(directory) cannot be written: check the disk's space and the folder's rights",
                detail: "\(error)")
        }
    }

    private func entry(
        _ name: String, _ kind: TokenizerManifest.Kind, file: String?, hash: String, parameters: [String: Int]
    ) -> Entry {
        let modality = modalities.first { $0.name == name }
        return Entry(
            modality: name, kind: kind, file: file, sha256: hash, length: modality?.length ?? 1,
            vocabularySize: modality?.vocabularySize ?? 1, parameters: parameters)
    }

    /// Reads and checks the tokenizers in a `NAME.tokenizers` folder.
    package static func open(_ directory: String) throws(DatasetError) -> TokenizerBundle {
        let path = "\(directory)/\(TokenizerManifest.fileName)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DatasetError(
                .missingFile, "there are no tokenizers in \(directory): make them with 'trainer prepare --force'")
        }
        do {
            let manifest = try JSONCoding.decode(TokenizerManifest.self, from: data)
            return try TokenizerBundle(manifest, directory: directory)
        } catch let error as DatasetError {
            throw error
        } catch {
            throw damaged(directory, "\(error)")
        }
    }

    private init(_ manifest: TokenizerManifest, directory: String) throws {
        guard manifest.version == TokenizerManifest.currentVersion, (1...4096).contains(manifest.format.side),
            (2...4096).contains(manifest.format.frames), (1...3600).contains(manifest.format.audioSeconds),
            manifest.format.sampleRate == TokenizerBundle.audioSampleRate
        else { throw TokenizerBundle.damaged(directory, "its version or media format is not known") }
        format = manifest.format
        labels = manifest.labels
        image = try TokenizerBundle.patches(manifest, "image", channels: 3, directory: directory)
        let hasFine = manifest.tokenizers.contains { $0.modality == TokenizerBundle.fineImage }
        fineImage =
            hasFine
            ? try TokenizerBundle.patches(manifest, TokenizerBundle.fineImage, channels: 3, directory: directory) : nil
        depth = try TokenizerBundle.patches(manifest, "pseudo-depth", channels: 1, directory: directory)
        audio = try AudioTokenizer(
            TokenizerBundle.weights(manifest, "audio", directory: directory), format: manifest.format)
        video = VideoTokenizer(
            key: image, motion: try VectorQuantizer(TokenizerBundle.weights(manifest, "video", directory: directory)),
            frames: manifest.format.frames)
        guard
            video.motion.components.mean.count == (format.frames - 1) * image.quantizer.components.basis.rows
        else { throw TokenizerBundle.damaged(directory, "image and video do not fit each other") }
    }

    private static func patches(
        _ manifest: TokenizerManifest, _ modality: String, channels: Int, directory: String
    ) throws -> PatchTokenizer {
        let patch = manifest.tokenizers.first { $0.modality == modality }?.parameters["patch"] ?? 0
        let quantizer = try VectorQuantizer(weights(manifest, modality, directory: directory))
        guard (1...manifest.format.side).contains(patch), manifest.format.side % patch == 0 else {
            throw damaged(directory, "\(modality) has the patch size \(patch)")
        }
        let grid = PatchGrid(side: manifest.format.side, patch: patch, channels: channels)
        guard quantizer.components.mean.count == grid.vectorLength else {
            throw damaged(directory, "\(modality) does not fit its patch size")
        }
        return PatchTokenizer(grid: grid, quantizer: quantizer)
    }

    private static func weights(
        _ manifest: TokenizerManifest, _ modality: String, directory: String
    ) throws -> SafeTensors {
        let path = "\(directory)/\(modality).safetensors"
        guard let entry = manifest.tokenizers.first(where: { $0.modality == modality }),
            try hash(of: path) == entry.sha256
        else { throw damaged(directory, "\(modality).safetensors is not the file that the manifest names") }
        return try SafeTensors(contentsOf: path)
    }

    private static func hash(of path: String) throws -> String {
        SHA256.hex(try Data(contentsOf: URL(filePath: path)))
    }

    private static func damaged(_ directory: String, _ detail: String) -> DatasetError {
        DatasetError(
            .damagedTokenizer,
            "the tokenizers in \(directory) are damaged: make them again with 'trainer prepare --force'",
            detail: detail)
    }
}

extension AudioTokenizer {
    func outputs() -> [SafeTensors.Output] {
        [
            SafeTensors.Output("mean", shape: [principal.mean.count], floats: principal.mean),
            SafeTensors.Output(
                "basis", shape: [principal.basis.rows, principal.basis.columns], floats: principal.basis.values),
            SafeTensors.Output("variances", shape: [principal.variances.count], floats: principal.variances),
            SafeTensors.Output(
                "codebook_of_component", shape: [codebookOfComponent.count],
                int32s: codebookOfComponent.map(Int32.init)),
            SafeTensors.Output("codebooks", shape: [1], int32s: [Int32(codebooks.count)]),
        ]
            + codebooks.enumerated().map { index, centres in
                SafeTensors.Output(
                    "centres.\(index)", shape: [centres.rows, centres.columns], floats: centres.values)
            }
    }

    fileprivate init(_ file: SafeTensors, format: MediaFormat) throws {
        let principal = try PrincipalComponents(file, prefix: "")
        let owner = try file.int32s("codebook_of_component").map(Int.init)
        let count = Int(try file.int32s("codebooks").first ?? 0)
        guard owner.count == principal.basis.rows, (1...owner.count).contains(count),
            owner.allSatisfy({ (0..<count).contains($0) }),
            principal.mean.count == AudioTokenizer.hopsPerFrame * MelSpectrogram.bands
        else { throw TensorError(.wrongShape, "the codebooks do not fit the components") }
        let codebooks = try (0..<count).map { try file.matrix("centres.\($0)") }
        for (index, centres) in codebooks.enumerated() {
            guard centres.columns == owner.count(where: { $0 == index }), centres.rows == codebooks[0].rows else {
                throw TensorError(.wrongShape, "codebook \(index) does not fit its components")
            }
        }
        try self.init(
            sampleRate: format.sampleRate, sampleCount: format.sampleCount, principal: principal,
            codebookOfComponent: owner, codebooks: codebooks)
    }
}
