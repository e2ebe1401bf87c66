public import AuditLog
internal import BrokerModel
internal import BrokerSessions
public import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

extension BridgeApplication {
    static func addAuditRoutes(to table: inout RouteTable<Route>) {
        table.add(
            .get, "/v1/audit",
            Route(scope: .auditRead) { application, context throws(Problem) in try application.auditEntries(context) })
        table.add(
            .get, "/v1/audit/verify",
            Route(scope: .auditRead) { application, context throws(Problem) in try application.verifyAudit(context) })
    }

    private enum AuditFormat: String, CaseIterable {
        case json, ndjson
    }

    private func auditLog() throws(Problem) -> AuditLog {
        guard let log = trail.log else {
            throw Problem(status: 501, code: "not_supported_by_broker", detail: "There is no audit log.")
        }
        return log
    }

    // MARK: Entries

    private func auditEntries(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let log = try auditLog()
        var reader = QueryReader(context.request.head.target)
        var query = AuditQuery()
        query.key = try reader.string("key", maximumBytes: 64)
        query.account = try reader.string("account", maximumBytes: 64)
        query.route = try reader.string("route", maximumBytes: 256)
        query.outcome = try reader.string("outcome", maximumBytes: 32)
        query.orderID = try reader.string("order_id", maximumBytes: 128)
        query.start = try reader.time("start")
        query.end = try reader.time("end")
        query.before = try reader.integer("cursor", in: 1...Int.max)
        let limit = try reader.integer("limit", in: 1...1000)
        let format: AuditFormat = try reader.word("format") ?? .json
        try reader.finish()
        // Who may use every account may see what belongs to none, too.
        let seesAll = self.accounts.brokers.allSatisfy { context.holder.mayUse(account: $0.account.alias) }
        if case .only(let accounts) = context.holder.accounts, !seesAll {
            query.visible = AuditQuery.Visibility(accounts: accounts, key: context.holder.name)
        }
        let asked = query
        guard format == .json else {
            guard limit == nil, query.before == nil else {
                throw Problem(
                    status: 400, code: "invalid_field", detail: "An export is whole: it has no pages.",
                    field: limit == nil ? "cursor" : "limit")
            }
            return export(asked, from: log, context)
        }
        return .pending {
            do throws(AuditError) {
                let page = try await log.page(asked, limit: limit ?? 100)
                var json = JSONWriter(capacity: 512 * page.lines.count + 64)
                json.beginObject()
                json.key("data")
                json.beginArray()
                for line in page.lines { json.raw(line) }
                json.endArray()
                json.key("next_cursor")
                json.string(page.next.map { String($0) })
                json.endObject()
                return context.json(json.bytes)
            } catch { return context.problem(.auditUnreadable(error)) }
        }
    }

    /// The entries as they stand in the log, oldest first; as fast as the client takes them.
    private func export(_ query: AuditQuery, from log: AuditLog, _ context: RouteContext) -> HTTPReply {
        var fields: HTTPFields = [
            "Content-Type": "application/x-ndjson", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
        ]
        for (name, value) in context.fields {
            if let name = HTTPFieldName(name) { fields.append(name, value) }
        }
        return .stream(fields) { stream in
            stream.routeTemplate = context.template
            stream.keyName = context.holder.name
            let pump = AuditExport(query, log, stream)
            stream.onClosed = { pump.stop() }
            stream.onDrained = { pump.goOn() }
            pump.goOn()
        }
    }

    // MARK: Verification

    private func verifyAudit(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let log = try auditLog()
        try context.noParameters()
        return .pending {
            do throws(AuditError) {
                let result = try await log.verify()
                var json = JSONWriter()
                json.verification(result)
                return context.json(json.bytes)
            } catch { return context.problem(.auditUnreadable(error)) }
        }
    }
}

extension Problem {
    fileprivate static func auditUnreadable(_ error: AuditError) -> Problem {
        Problem(
            status: 503, code: "audit_unavailable", detail: "The audit log cannot be read: \(error).", retryable: true,
            retryAfter: .seconds(1))
    }
}

extension JSONWriter {
    /// What came of a verification, as the API and the command say it.
    public mutating func verification(_ result: AuditVerification) {
        beginObject()
        key("ok")
        bool(result.failure == nil)
        key("entries")
        int(result.entries)
        key("first_seq")
        int(result.firstSequence)
        key("last_seq")
        int(result.head?.sequence)
        key("head")
        string(result.head.map { Hex.encode($0.hash) })
        key("files")
        int(result.segments)
        key("recovered")
        int(result.recovered)
        key("open_bytes")
        int(result.openBytes)
        key("anchors")
        int(result.anchors)
        key("anchored_through")
        int(result.anchoredThrough)
        key("break")
        if let failure = result.failure {
            beginObject()
            key("seq")
            int(failure.sequence)
            key("file")
            int(failure.segment)
            key("offset")
            int(failure.offset)
            key("reason")
            string(failure.reason)
            endObject()
        } else {
            null()
        }
        endObject()
    }
}

/// Sends an export piece by piece: the next one is read when the last has gone.
@LoopActor
private final class AuditExport {
    private let query: AuditQuery
    private let log: AuditLog
    private weak var stream: HTTPStream?
    private var after = 0
    private var task: Task<Void, Never>?

    init(_ query: AuditQuery, _ log: AuditLog, _ stream: HTTPStream) {
        self.query = query
        self.log = log
        self.stream = stream
    }

    func goOn() {
        guard task == nil, stream?.isOpen == true else { return }
        task = spawn { [self] in
            await send()
            task = nil
            // What drained meanwhile found the task still there.
            if let stream, stream.isOpen, stream.pendingOutput == 0 { goOn() }
        }
    }

    func stop() {
        task?.cancel()
        stream = nil
    }

    /// Sends until something has to wait.
    private func send() async {
        while let stream, stream.isOpen, stream.pendingOutput == 0 {
            do throws(AuditError) {
                let piece = try await log.piece(query, after: after)
                if !piece.bytes.isEmpty { stream.write(piece.bytes) }
                guard let next = piece.next else { return stream.finish() }
                after = next
            } catch {
                // The reader sees that the body is not whole.
                return stream.abort()
            }
        }
    }
}
