extension ModelDescription {
    /// A few lines for people.
    package var text: String {
        let parts = parts.map { line($0.part, millions($0.parameters)) }
        let memory: [(String, Int)] = [
            ("weights", memory.weights), ("gradients", memory.gradients), ("moments", memory.moments),
            ("averaged weights", memory.average), ("activations", memory.activations),
        ]
        var lines = ["\(modalities.joined(separator: ", ")): \(millions(parameters)) parameters"]
        lines += parts
        lines.append("memory of a training, batch \(batchSize): \(mebibytes(memoryTotal))")
        lines += memory.filter { $0.1 > 0 }.map { line($0.0, mebibytes($0.1)) }
        lines.append("a step: \(teraflop(flopPerStep)), \(teraflop(flopPerStepExpected)) with the usual token counts")
        lines.append(
            "this machine: products and other kernels for \(machine.kernels), \(machine.threads) threads")
        return lines.joined(separator: "\n")
    }

    private func line(_ name: String, _ value: String) -> String {
        "  " + name + String(repeating: " ", count: max(1, 22 - name.count)) + value
    }

    private func millions(_ count: Int) -> String { (Double(count) / 1e6).formatted(2) + " M" }
    private func mebibytes(_ bytes: Int) -> String { (Double(bytes) / 1_048_576).formatted(1) + " MiB" }
    private func teraflop(_ flop: Double) -> String { (flop / 1e12).formatted(3) + " TFLOP" }
}
