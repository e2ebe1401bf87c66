public import AuditLog

extension AuditConfiguration {
    /// As the log takes it.
    public var options: AuditOptions {
        var options = AuditOptions()
        options.segmentBytes = fileBytes
        options.totalBytes = totalBytes
        options.retention = retention
        options.anchorRecords = anchorRecords
        options.anchorInterval = anchorInterval
        return options
    }
}
