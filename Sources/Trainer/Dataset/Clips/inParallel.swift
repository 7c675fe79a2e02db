/// Does `work` for each item, at most `workers` at once; results come in the items' order.
///
/// The first error cancels what is still running and is thrown.
func inParallel<Item: Sendable, Result: Sendable>(
    _ items: [Item], workers: Int, _ work: @escaping @Sendable (Item) async throws(DatasetError) -> Result
) async throws(DatasetError) -> [Result] {
    do {
        return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            var results = [Result?](repeating: nil, count: items.count)
            for (index, item) in items.enumerated() {
                if index >= workers, let (done, result) = try await group.next() { results[done] = result }
                group.addTask { (index, try await work(item)) }
            }
            for try await (done, result) in group { results[done] = result }
            return results.compactMap { $0 }
        }
    } catch let error as DatasetError {
        throw error
    } catch {
        throw DatasetError(.unreadableClip, "the preparation was interrupted", detail: "\(error)")
    }
}
