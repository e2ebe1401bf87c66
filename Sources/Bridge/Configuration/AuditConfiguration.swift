/// How the audit log is kept. docs/audit.md says what it is.
public struct AuditConfiguration: Sendable, Equatable {
    /// What becomes of requests that change nothing.
    public enum Reads: String, Sendable, CaseIterable {
        /// They are recorded, and answered also while the log cannot be written.
        case recorded
        /// They are refused while the log cannot be written.
        case required
        /// They are not recorded.
        case off
    }

    /// Of reads.
    public var reads = Reads.recorded
    /// Where the key of the entries' MACs is; absent: `audit.key` in the state folder, made at the first start.
    public var keyFile: String?
    /// How long files are kept.
    public var retention = Duration.seconds(366 * 86_400)
    /// All files together, in bytes; the oldest go first.
    public var totalBytes = 20 << 30
    /// A file that is larger is followed by the next, in bytes.
    public var fileBytes = 64 << 20
    /// An anchor is logged at the latest after so many entries.
    public var anchorRecords = 1000
    /// An anchor is logged at the latest so long after an entry.
    public var anchorInterval = Duration.seconds(60)

    /// The defaults.
    public init() {}
}

extension AuditConfiguration {
    private static let defaults = AuditConfiguration()

    private static let readsSetting =
        Setting(
            "audit.reads", .word, default: "`\(defaults.reads.rawValue)`",
            "What becomes of requests that change nothing: `recorded`; `required`, so that they are refused while the log "
                + "cannot be written; or `off`.")
        as Setting<Reads>
    private static let keySetting = Setting(
        "audit.key_file", .path, default: "`audit.key` in the state folder",
        "File of the key of the entries' MACs, 64 hexadecimal digits, mode 0600. Keep a copy elsewhere.")
    private static let retentionSetting = Setting(
        "audit.retention", .duration(.seconds(86_400) ... .seconds(3660 * 86_400)),
        default: "`\(DurationText.text(defaults.retention))`",
        "How long files of the log are kept after their last entry.")
    private static let totalSetting = Setting(
        "audit.total_bytes", .bytes((16 << 20)...(4 << 40)), default: "`\(ByteSize.text(defaults.totalBytes))`",
        "All files of the log together; the oldest go first.")
    private static let fileSetting = Setting(
        "audit.file_bytes", .bytes((64 << 10)...(1 << 30)), default: "`\(ByteSize.text(defaults.fileBytes))`",
        "A file that is larger is followed by the next.")
    private static let recordsSetting = Setting(
        "audit.anchor_records", .integer(1...1_000_000), default: "`\(defaults.anchorRecords)`",
        "Count and head of the log are logged at the latest after so many entries.")
    private static let intervalSetting = Setting(
        "audit.anchor_interval", .duration(.seconds(1) ... .seconds(3600)),
        default: "`\(DurationText.text(defaults.anchorInterval))`",
        "Count and head of the log are logged at the latest so long after an entry.")

    static let rows = [
        readsSetting.row, keySetting.row, retentionSetting.row, totalSetting.row, fileSetting.row, recordsSetting.row,
        intervalSetting.row,
    ]

    init(reading section: SectionReader) {
        self.init()
        reads = section.value(Self.readsSetting, default: reads)
        keyFile = section.optional(Self.keySetting)
        retention = section.value(Self.retentionSetting, default: retention)
        totalBytes = section.value(Self.totalSetting, default: totalBytes)
        fileBytes = section.value(Self.fileSetting, default: fileBytes)
        anchorRecords = section.value(Self.recordsSetting, default: anchorRecords)
        anchorInterval = section.value(Self.intervalSetting, default: anchorInterval)
    }
}
