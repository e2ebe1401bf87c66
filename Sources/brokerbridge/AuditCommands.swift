internal import AuditLog
internal import Bridge
internal import Bytes
internal import Glibc

/// `brokerbridge audit verify` and `audit export`: both only read.
enum AuditCommands {
    static func verify(_ options: Command.AuditVerifyOptions) throws(CommandFailure) -> ExitStatus {
        var anchors: [AuditAnchor] = []
        if let file = options.anchors { anchors = try read(file) }
        let result: AuditVerification
        try mustExist(options.state)
        do throws(AuditError) {
            let key = try AuditKey.read(options.keyFile ?? "\(options.state)/audit.key")
            var verifier = try AuditVerifier(state: options.state, key: key, anchors: anchors)
            result = try verifier.run()
        } catch { throw CommandFailure(.failure, error.description) }
        var json = JSONWriter()
        json.verification(result)
        ProcessSetUp.write(String(decoding: json.bytes, as: UTF8.self) + "\n", to: STDOUT_FILENO)
        return result.failure == nil ? .success : .failure
    }

    static func export(_ options: Command.AuditExportOptions) throws(CommandFailure) {
        var query = AuditQuery()
        query.key = options.key
        query.account = options.account
        query.orderID = options.orderID
        query.start = options.start
        query.end = options.end
        try mustExist(options.state)
        do throws(AuditError) {
            try AuditLog.export(state: options.state, query) { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                    guard count > 0 || errno == EINTR else { return false }
                    rest = rest.dropFirst(max(0, count))
                }
                return true
            }
        } catch { throw CommandFailure(.failure, error.description) }
    }

    /// Reading must not make a folder.
    private static func mustExist(_ state: String) throws(CommandFailure) {
        guard access("\(state)/audit", R_OK | X_OK) == 0 else {
            throw CommandFailure(.failure, "there is no audit log in \(state), or it cannot be read")
        }
    }

    /// Anchors of a file: lines of the program's log with the event `audit.anchor`, or lines `SEQ:HASH`. Other lines are
    /// passed over.
    private static func read(_ file: String) throws(CommandFailure) -> [AuditAnchor] {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure(.failure, "cannot read \(file)") }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var anchors: [AuditAnchor] = []
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += buffer.prefix(count)
            while let end = rest.firstIndex(of: 0x0A) {
                if let anchor = anchor(rest[..<end]) { anchors.append(anchor) }
                rest = Array(rest[(end + 1)...])
            }
            if rest.count > 1 << 20 { rest = [] }
        }
        if let anchor = anchor(rest[...]) { anchors.append(anchor) }
        return anchors
    }

    private static func anchor(_ line: ArraySlice<UInt8>) -> AuditAnchor? {
        guard line.first == UInt8(ascii: "{") else {
            return AuditAnchor(String(decoding: line.filter { $0 > 0x20 }, as: UTF8.self))
        }
        guard let value = try? JSONValue.parse(Array(line)), value["event"]?.stringValue == "audit.anchor",
            let count = value["count"]?.intValue, let hash = value["hash"]?.stringValue
        else { return nil }
        return AuditAnchor("\(count):\(hash)")
    }
}
