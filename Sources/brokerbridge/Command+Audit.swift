internal import Clocks

extension Command {
    struct AuditVerifyOptions: Equatable {
        var state = "./state"
        var keyFile: String?
        /// A log of the program's, or lines `SEQ:HASH`; `-` for standard input.
        var anchors: String?
    }

    struct AuditExportOptions: Equatable {
        var state = "./state"
        var key: String?
        var account: String?
        var orderID: String?
        var start: WallTime?
        var end: WallTime?
    }

    private static let auditState = OptionDescription(
        name: "--state", placeholder: "DIR", meaning: "The state folder; default ./state. It may be in use.")

    static let verifyAudit = CommandDescription(
        words: ["audit", "verify"], summary: "Judge the audit log: name the first entry that is not as it was written.",
        options: [
            auditState,
            OptionDescription(
                name: "--key-file", placeholder: "FILE", meaning: "The key of the log; default DIR/audit.key."),
            OptionDescription(
                name: "--anchors", placeholder: "FILE",
                meaning: "Counts and heads kept elsewhere: the program's own log, or lines SEQ:HASH; '-' reads stdin."),
        ], operands: [],
        notes: "Prints one JSON object; 'break' is null when all of it holds. Ends with 0 then, else with 1.")

    static let exportAudit = CommandDescription(
        words: ["audit", "export"], summary: "Print entries of the audit log as they stand there, oldest first.",
        options: [
            auditState,
            OptionDescription(name: "--key", placeholder: "NAME", meaning: "Entries of the key of that name only."),
            OptionDescription(name: "--account", placeholder: "ALIAS", meaning: "Entries of that account only."),
            OptionDescription(name: "--order", placeholder: "ID", meaning: "Entries of that order only."),
            OptionDescription(name: "--start", placeholder: "TIME", meaning: "Not before this time (RFC 3339)."),
            OptionDescription(name: "--end", placeholder: "TIME", meaning: "Before this time (RFC 3339)."),
        ], operands: [], notes: "docs/audit.md has the form of the lines, and how to verify them.")

    static func auditVerify(_ options: ParsedOptions) -> AuditVerifyOptions {
        AuditVerifyOptions(
            state: options.value("--state") ?? "./state", keyFile: options.value("--key-file"),
            anchors: options.value("--anchors"))
    }

    static func auditExport(_ options: ParsedOptions) throws(CommandFailure) -> AuditExportOptions {
        func time(_ name: String) throws(CommandFailure) -> WallTime? {
            guard let text = options.value(name) else { return nil }
            guard let time = WallTime(rfc3339: text) else {
                throw CommandFailure(.usage, "\(name) needs a time such as 2026-03-02T01:30:00Z, not '\(text)'")
            }
            return time
        }
        return AuditExportOptions(
            state: options.value("--state") ?? "./state", key: options.value("--key"),
            account: options.value("--account"), orderID: options.value("--order"), start: try time("--start"),
            end: try time("--end"))
    }
}
