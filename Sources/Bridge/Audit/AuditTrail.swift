internal import AuditLog
internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Who asked, for the record.
struct AuditCaller: Sendable {
    var requestID: String
    /// The name of the key.
    var key: String
    /// Without its port.
    var address: String
}

/// What the bridge writes into the audit log, and what it does when it cannot.
@LoopActor
final class AuditTrail {
    /// Absent where nothing is recorded, as in tests of other things.
    let log: AuditLog?
    private let reads: AuditConfiguration.Reads
    /// What entries of reads that were answered lately have in common with others.
    private var recentReads: [ReadKind: SharedMembers] = [:]

    init(_ log: AuditLog?, reads: AuditConfiguration.Reads) {
        self.log = log
        self.reads = reads
    }

    /// Passes on what the log says of itself.
    func start(log target: Log) {
        log?.onNotice = { notice in
            switch notice {
            case .anchor(let anchor):
                target.info("audit.anchor", .count(anchor.sequence), .hash(Hex.encode(anchor.hash)))
            case .failing(let error): target.error("audit.failing", .reason(error.description))
            case .resumed(let lost): target.warning("audit.resumed", .count(lost))
            case .alarm(let reason): target.error("audit.alarm", .reason(reason))
            }
        }
        // So that the first question of the day does not wait for millions of entries to be looked through.
        spawn { [log] in try? await log?.index() }
    }

    // MARK: Refusals

    /// Why the request cannot be carried out now; `nil` when it can.
    func refusal(of context: RouteContext) -> Problem? {
        guard let log, log.failure != nil, context.isRecorded else { return nil }
        if context.isWrite ? context.lessensRisk : reads != .required { return nil }
        return AuditTrail.unavailable
    }

    nonisolated static let unavailable = Problem(
        status: 503, code: "audit_unavailable",
        detail: "The audit log cannot be written, so nothing that changes something is done.", retryable: true,
        retryAfter: .seconds(1))

    // MARK: Requests

    /// Records a request that was answered.
    func answered(_ context: RouteContext, _ status: Int, _ body: [UInt8] = [], isAbandoned: Bool = false) {
        guard context.isRecorded, records(context.request.head.method) else { return }
        note(
            context.request, template: context.template, key: context.holder.name, parameters: context.parameters,
            status, body, isAbandoned: isAbandoned)
    }

    /// Whether requests with this method are recorded at all.
    private func records(_ method: HTTPMethod) -> Bool {
        log != nil && (reads != .off || AuditTrail.isWrite(method))
    }

    /// The same for one that may have no route, or nobody's key.
    func answered(
        _ request: HTTPRequest, template: String?, key: String?, parameters: PathParameters?, _ status: Int,
        _ body: [UInt8] = [], isAbandoned: Bool = false
    ) {
        guard records(request.head.method), AuditTrail.isRecorded(request, template) else { return }
        note(
            request, template: template, key: key, parameters: parameters, status, body, isAbandoned: isAbandoned)
    }

    private func note(
        _ request: HTTPRequest, template: String?, key: String?, parameters: PathParameters?, _ status: Int,
        _ body: [UInt8], isAbandoned: Bool
    ) {
        guard let log else { return }
        let isWrite = AuditTrail.isWrite(request.head.method)
        if !isWrite, status < 400, !isAbandoned, request.body.isEmpty, let template, let key, let parameters {
            let members = members(of: request, template, key, parameters, status)
            let now = Instant.now()
            return log.note(
                members, requestID: request.id.text, time: .now(), monotonic: now, latency: now - request.receivedAt)
        }
        var record = AuditTrail.record(.request, request, template: template, key: key, parameters)
        record.status = status
        record.outcome = isAbandoned ? "abandoned" : status < 400 ? "ok" : status < 500 ? "refused" : "failed"
        record.latency = record.monotonic - request.receivedAt
        let isOrder = isWrite && template?.contains("/orders") ?? false
        // Whatever needs parsing is done on the log's thread.
        let (head, requestBody) = (request.head, request.body)
        let answer = status >= 400 || isOrder ? body : []
        record.complete = { record in
            record.arguments = AuditArguments.of(parameters?.all ?? [], head.target.query, body: requestBody)
            AuditTrail.learn(from: answer, isProblem: status >= 400, &record)
        }
        log.note(record)
    }

    /// A read that went well, but for its id and its times.
    private struct ReadKind: Hashable {
        let target: String
        let key: String
        let address: String
        let method: HTTPMethod
        let status: Int

        /// What is left out is nearly always the same.
        func hash(into hasher: inout Hasher) {
            hasher.combine(target)
            hasher.combine(key)
            hasher.combine(address)
        }
    }

    /// What the entry of a read has in common with those of others like it.
    private func members(
        of request: HTTPRequest, _ template: String, _ key: String, _ parameters: PathParameters, _ status: Int
    ) -> SharedMembers {
        let kind = ReadKind(
            target: request.head.target.text, key: key, address: request.peerIP, method: request.head.method,
            status: status)
        if let known = recentReads[kind] { return known }
        var record = AuditTrail.record(.request, request, template: template, key: key, parameters)
        record.status = status
        record.outcome = "ok"
        record.arguments = AuditArguments.of(parameters.all, request.head.target.query, body: [])
        let members = SharedMembers(of: record)
        if recentReads.count >= 1024 { recentReads.removeAll(keepingCapacity: true) }
        // The longest targets come once.
        if kind.target.utf8.count <= 512 { recentReads[kind] = members }
        return members
    }

    /// The code of a problem, or the id of the order that an answer shows.
    private nonisolated static func learn(from answer: [UInt8], isProblem: Bool, _ record: inout AuditRecord) {
        guard !answer.isEmpty, let value = try? JSONValue.parse(answer) else { return }
        guard isProblem else {
            record.orderID = record.orderID ?? value["id"]?.stringValue
            return
        }
        record.code = value["code"]?.stringValue
        record.orderID = record.orderID ?? value["order_id"]?.stringValue
        record.upstreamCode = value["upstream"]?["code"]?.stringValue
        for case .object(let verdict) in value["verdicts"]?.arrayValue ?? [] {
            guard let owner = verdict["owner"]?.stringValue.flatMap({ RiskVerdict.Owner(rawValue: $0) }),
                let rule = verdict["rule"]?.stringValue, let limit = verdict["limit"]?.stringValue
            else { continue }
            let said = RiskVerdict(
                owner: owner, rule: rule, isPassed: verdict["passed"] == .bool(true), limit: limit,
                value: verdict["value"]?.stringValue)
            record.verdicts.append(said.text)
        }
        record.traceID = value["upstream"]?["trace_id"]?.stringValue
    }

    /// Has it on the disk that a request is about to change something.
    func intent(of context: RouteContext) async throws(Problem) {
        guard let log else { return }
        var record = AuditTrail.record(
            .intent, context.request, template: context.template, key: context.holder.name, context.parameters)
        let (parameters, head, body) = (context.parameters.all, context.request.head, context.request.body)
        record.complete = { $0.arguments = AuditArguments.of(parameters, head.target.query, body: body) }
        do throws(AuditError) { try await log.append(record, isUrgent: context.lessensRisk) } catch {
            throw AuditTrail.unavailable
        }
    }

    private static func record(
        _ kind: AuditRecord.Kind, _ request: HTTPRequest, template: String?, key: String?, _ parameters: PathParameters?
    ) -> AuditRecord {
        var record = AuditRecord(kind, time: .now(), monotonic: .now())
        record.requestID = request.id.text
        record.key = key
        record.address = request.peerIP
        record.method = request.head.method.text
        record.route = template
        let account = parameters?.all.first { $0.name == "account" }?.value
        record.account = account.flatMap { AuditArguments.looksSecret($0) ? nil : $0 }
        if let template, AuditTrail.isWrite(request.head.method) {
            record.action = AuditTrail.action(request.head.method, template)
        }
        return record
    }

    // MARK: Orders

    /// Has it on the disk that something about an order is about to leave for the broker.
    ///
    /// - Parameter isUrgent: for what lessens the risk: it may use the room kept back on a full disk.
    func intent(
        _ action: String, _ order: Order, change: OrderChange? = nil, by caller: AuditCaller?,
        verdicts: [String] = [], isUrgent: Bool = false
    ) async throws(AuditError) {
        guard let log else { return }
        var record = AuditTrail.record(.intent, action, order, caller)
        record.verdicts = verdicts
        let request = order.request
        record.complete = { record in
            var shown: [AuditRecord.Argument] = [
                .init("symbol", request.symbol.text), .init("side", request.side.rawValue),
                .init("type", request.type.rawValue),
                .init("quantity", (change?.quantity ?? request.quantity).text),
            ]
            for (name, price) in (change?.prices ?? request.prices).sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                shown.append(.init(name.rawValue, price.text))
            }
            if case .replace(let attached) = change?.attached { shown.append(.init("attached", attached.text)) }
            if change == nil, let attached = request.attached { shown.append(.init("attached", attached.text)) }
            record.arguments = .init(shown: shown)
        }
        try await log.append(record, isUrgent: isUrgent)
    }

    /// Records what came of it.
    func outcome(
        _ action: String, _ order: Order, _ outcome: WriteOutcome, by caller: AuditCaller?, began: Instant
    ) {
        guard let log else { return }
        var record = AuditTrail.record(.outcome, action, order, caller)
        record.latency = record.monotonic - began
        let failure: BrokerFailure?
        switch outcome {
        case .accepted(let number):
            record.outcome = "ok"
            failure = nil
            if !number.isEmpty { record.arguments = .init(shown: [.init("broker_order_id", number)]) }
        case .refused(let refusal):
            record.outcome = "refused"
            failure = refusal
        case .notSent(let reason):
            record.outcome = "not_sent"
            failure = reason
        case .unknown(let reason):
            record.outcome = "unknown"
            failure = reason
        }
        if let failure { record.code = Problem(failure).code }
        record.upstreamCode = failure?.upstream?.code
        record.traceID = failure?.upstream?.traceID
        log.note(record)
    }

    /// Records that an order which the state had lost was found at the broker.
    func recovered(_ order: Order) {
        guard let log else { return }
        var record = AuditTrail.record(.state, "order.recovered", order, nil)
        if let number = order.brokerOrderID { record.arguments = .init(shown: [.init("broker_order_id", number)]) }
        log.note(record)
    }

    /// Records that the state is an older copy, or agrees with the brokers again.
    func state(_ action: String, reason: String? = nil) {
        guard let log else { return }
        var record = AuditRecord(.state, time: .now(), monotonic: .now())
        record.action = action
        if let reason { record.arguments = .init(shown: [.init("reason", reason)]) }
        log.note(record)
    }

    private static func record(
        _ kind: AuditRecord.Kind, _ action: String, _ order: Order, _ caller: AuditCaller?
    ) -> AuditRecord {
        var record = AuditRecord(kind, time: .now(), monotonic: .now())
        record.requestID = caller?.requestID
        record.key = caller?.key
        record.address = caller?.address
        record.account = order.account
        record.action = action
        record.orderID = order.id.text
        return record
    }

    // MARK: Kinds of requests

    nonisolated static func isRecorded(_ template: String) -> Bool {
        // Byte by byte: asked twice for each request.
        var template = template
        return template.withUTF8 { bytes in
            bytes.count >= 4 && bytes[0] == UInt8(ascii: "/") && bytes[1] == UInt8(ascii: "v")
                && bytes[2] == UInt8(ascii: "1") && bytes[3] == UInt8(ascii: "/")
        }
    }

    /// The same of a request that may have no route. The path is looked at as routing looks at it, its escapes undone.
    private nonisolated static func isRecorded(_ request: HTTPRequest, _ template: String?) -> Bool {
        if let template { return isRecorded(template) }
        let segments = request.head.target.segments
        return segments.count > 1 && segments.first == "v1"
    }

    nonisolated static func isWrite(_ method: HTTPMethod) -> Bool {
        switch method.text {
        case "GET", "HEAD", "OPTIONS": false
        default: true
        }
    }

    /// What a write is called in the record: its method and the words of its path.
    private nonisolated static func action(_ method: HTTPMethod, _ template: String) -> String {
        let words = template.split(separator: "/").dropFirst().filter { !$0.hasPrefix("{") && $0 != "accounts" }
        return "\(words.joined(separator: ".")).\(method.text.lowercased())"
    }
}

extension RouteContext {
    /// Whether the audit log has it.
    var isRecorded: Bool { AuditTrail.isRecorded(template) }

    /// Whether it may change something. Two questions are asked with a body.
    var isWrite: Bool {
        AuditTrail.isWrite(request.head.method) && !template.hasSuffix("/orders/estimate") && template != "/v1/screener"
    }

    /// Whether it only takes risk away: a cancellation, a halt of trading, or the end of a key.
    var lessensRisk: Bool {
        switch request.head.method.text {
        case "DELETE": template.hasSuffix("/orders/{id}") || isRevocation
        case "POST": template.hasSuffix("/orders/cancel-all")
        case "PUT": isHalt
        default: false
        }
    }

    /// Whether it halts trading.
    var isHalt: Bool { request.head.method.text == "PUT" && template.hasSuffix("/kill-switch") }

    /// Whether it ends a key.
    var isRevocation: Bool { request.head.method.text == "DELETE" && template == "/v1/keys/{id}" }

    /// Whether its handler records the intent itself, once it knows the order.
    var recordsOwnIntent: Bool {
        template.hasSuffix("/orders") || template.hasSuffix("/orders/{id}") || template.hasSuffix("/orders/cancel-all")
    }

    /// Who asked, for what is recorded later.
    var caller: AuditCaller { AuditCaller(requestID: request.id.text, key: holder.name, address: request.peerIP) }
}
