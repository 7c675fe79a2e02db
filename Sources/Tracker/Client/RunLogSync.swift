package import Experiment

/// Uploads what the logs of a run still hold when the process that wrote them is gone.
package enum RunLogSync {
    /// Sends all logs in `directory`, oldest attempt first, and returns once everything is acknowledged.
    ///
    /// Another uploader may run at the same time, for the tracker takes each record once. Gives up at the first error:
    /// calling it again goes on where the tracker is. `warn` gets a sentence for each file that could not be uploaded.
    /// The result is the number of records that the tracker holds of these logs.
    @discardableResult
    package static func upload(
        directory: String, run: RunID, address: TrackerAddress, warn: @escaping (String) -> Void = printWarning
    ) throws(TrackerClientError) -> Int64 {
        let client = try HTTPClient(address: address, timeout: 60)
        var records: Int64 = 0
        for attempt in RunLog.attempts(directory: directory) {
            let uploader = try RunLogUploader(
                directory: directory, run: run, attempt: attempt, client: client, warn: warn)
            while try uploader.uploadBatch() {}
            records += uploader.acknowledged
        }
        return records
    }
}
