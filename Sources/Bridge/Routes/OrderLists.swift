internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Storage

/// Lists of orders, fills and events: today's and earlier ones are one list.
extension BridgeApplication {
    private enum StatusFilter: String, CaseIterable {
        case open, closed, all
    }

    /// Lists without a `start` go back so far.
    private static let defaultSpan = Duration.seconds(90 * 86_400)

    func orders(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        var query = QueryReader(context.request.head.target)
        let status: StatusFilter = try query.word("status") ?? .all
        var filter = OrderStore.OrderFilter(account: ledger.alias)
        filter.isFinal = status == .all ? nil : status == .closed
        filter.symbols = try context.symbols(&query)
        filter.side = try query.word("side")
        filter.start = try query.time("start")
        filter.end = try query.time("end")
        filter.clientOrderID = try query.string("client_order_id", maximumBytes: 64)
        filter.limit = try query.integer("limit", in: 1...500) ?? 100
        filter.before = try PageCursor.read(&query)
        try query.finish()
        let start = filter.start ?? .now() + (.zero - BridgeApplication.defaultSpan)
        let wait = longestWait(context)
        let wanted = filter
        return .pending {
            do throws(Problem) {
                var failure: BrokerFailure?
                if status != .open, wanted.before == nil {
                    do throws(BrokerFailure) { try await ledger.learnPastOrders(from: start, wait: wait) } catch {
                        failure = error
                    }
                }
                let page = try await ledger.page(wanted)
                let shown = page.filter { context.holder.mayUse(symbol: $0.request.symbol) }
                var json = JSONWriter(capacity: 1024 * page.count + 256)
                json.beginObject()
                json.key("data")
                json.beginArray()
                for order in shown {
                    json.beginObject()
                    json.members(of: order, ledger.account)
                    json.endObject()
                }
                json.endArray()
                json.key("next_cursor")
                json.string(
                    page.count == wanted.limit
                        ? page.last.map { PageCursor.text($0.createdAt.milliseconds, $0.id.text) } : nil)
                json.incomplete(failure)
                json.endObject()
                return context.json(json.bytes)
            } catch { return context.problem(error) }
        }
    }

    func executions(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        var query = QueryReader(context.request.head.target)
        var filter = OrderStore.ExecutionFilter(account: ledger.alias)
        let reference: OrderReference?
        if let text = try query.string("order_id") { reference = try OrderReference(text) } else { reference = nil }
        filter.symbols = try context.symbols(&query)
        filter.start = try query.time("start")
        filter.end = try query.time("end")
        filter.limit = try query.integer("limit", in: 1...500) ?? 100
        filter.before = try PageCursor.read(&query).map { ($0.createdMilliseconds, $0.id) }
        try query.finish()
        let start = filter.start ?? .now() + (.zero - BridgeApplication.defaultSpan)
        let wait = longestWait(context)
        let wanted = filter
        return .pending {
            do throws(Problem) {
                var filter = wanted
                if let reference {
                    let order = try await ledger.find(reference, for: context.holder)
                    filter.order = (order.id, order.brokerOrderID)
                }
                var failure: BrokerFailure?
                if filter.before == nil {
                    do throws(BrokerFailure) {
                        if ledger.areExecutionsDue { try await ledger.pollExecutions(wait: wait) }
                        try await ledger.learnPastExecutions(from: start, wait: wait)
                    } catch { failure = error }
                }
                let page = try await ledger.page(filter)
                var json = JSONWriter(capacity: 384 * page.count + 256)
                json.beginObject()
                json.key("data")
                json.beginArray()
                for row in page { json.raw(Array(row.body.utf8)) }
                json.endArray()
                json.key("next_cursor")
                json.string(
                    page.count == filter.limit ? page.last.map { PageCursor.text($0.milliseconds, $0.id) } : nil)
                json.incomplete(failure)
                json.endObject()
                return context.json(json.bytes)
            } catch { return context.problem(error) }
        }
    }

    /// The pull twin of the private topics: the same events, with the same positions.
    func events(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        var query = QueryReader(context.request.head.target)
        let after = try query.integer("after", in: 0...Int.max) ?? 0
        let limit = try query.integer("limit", in: 1...1000) ?? 100
        let patience = try query.integer("wait", in: 0...25) ?? 0
        try query.finish()
        return .pending { [hub] in
            do throws(Problem) {
                let deadline = Instant.now() + .seconds(patience)
                while true {
                    let seen = hub.lastJournalNumber
                    let page = try await ledger.journal(after: Int64(after), limit: limit)
                    if !page.isEmpty || Instant.now() >= deadline { return context.json(BridgeApplication.body(page)) }
                    await hub.waitForJournal(after: seen, until: deadline)
                }
            } catch { return context.problem(error) }
        }
    }

    private static func body(_ page: [JournalEntry]) -> [UInt8] {
        var json = JSONWriter(capacity: 1024 * page.count + 64)
        json.beginObject()
        json.key("data")
        json.beginArray()
        for entry in page {
            json.beginObject()
            json.key("number")
            json.int(entry.number)
            json.key("topic")
            json.string("\(entry.topic):\(entry.account)")
            json.key("event")
            json.string(entry.event)
            json.key("time")
            json.time(entry.at)
            json.key("data")
            json.raw(Array(entry.body.utf8))
            json.endObject()
        }
        json.endArray()
        json.key("next_after")
        json.int(page.last?.number)
        json.endObject()
        return json.bytes
    }
}

extension RouteContext {
    /// `symbols`, if given.
    func symbols(_ query: inout QueryReader) throws(Problem) -> [Symbol] {
        var symbols: [Symbol] = []
        for text in try query.list("symbols", maximumCount: 500) ?? [] {
            symbols.append(try symbol(text, field: "symbols"))
        }
        return symbols
    }
}

extension JSONWriter {
    /// Why a list may lack what the broker knows; `null` when it lacks nothing.
    fileprivate mutating func incomplete(_ failure: BrokerFailure?) {
        key("incomplete")
        if let failure { Problem(failure).write(to: &self, requestID: nil) } else { null() }
    }
}

/// Where a page of a list by time ended.
enum PageCursor {
    static func text(_ milliseconds: Int64, _ id: String) -> String {
        Base64URL.encode(Array("\(milliseconds) \(id)".utf8))
    }

    static func read(_ query: inout QueryReader) throws(Problem) -> (createdMilliseconds: Int64, id: String)? {
        guard let text = try query.string("cursor", maximumBytes: 256) else { return nil }
        let parts = Base64URL.decode(text).map { String(decoding: $0, as: UTF8.self).split(separator: " ") } ?? []
        guard parts.count == 2, let milliseconds = Int64(parts[0]) else {
            throw Problem(
                status: 400, code: "invalid_field", detail: "cursor is not one of ours.", field: "cursor")
        }
        return (milliseconds, String(parts[1]))
    }
}

/// Where a page of a broker's list of some time ended: the span the first page was of, and what the broker counts by.
enum SpanCursor {
    static func text(_ request: PastRequest, _ page: String) -> String {
        Base64URL.encode(Array("\(request.start.milliseconds) \(request.end.milliseconds) \(page)".utf8))
    }

    static func read(
        _ query: inout QueryReader
    ) throws(Problem) -> (start: WallTime, end: WallTime, page: String)? {
        guard let text = try query.string("cursor", maximumBytes: 256) else { return nil }
        let parts = Base64URL.decode(text).map { String(decoding: $0, as: UTF8.self).split(separator: " ") } ?? []
        let span = 0...Int64(253_402_300_799_999)
        guard parts.count == 3, let start = Int64(parts[0]), span.contains(start), let end = Int64(parts[1]),
            span.contains(end), let page = Int(parts[2]), (1...1_000_000).contains(page)
        else {
            throw Problem(
                status: 400, code: "invalid_field", detail: "cursor is not one of ours.", field: "cursor")
        }
        return (WallTime(milliseconds: start), WallTime(milliseconds: end), String(page))
    }
}

extension OrderLedger {
    func page(_ filter: OrderStore.OrderFilter) async throws(Problem) -> [Order] {
        do throws(StorageError) {
            let rows = try await database.read { connection throws(StorageError) in
                try OrderStore.orders(filter, on: connection)
            }
            // What is in memory is at least as new.
            return rows.map { known[$0.id] ?? $0 }
        } catch { throw OrderLedger.unreadable(error) }
    }

    func page(
        _ filter: OrderStore.ExecutionFilter
    ) async throws(Problem) -> [(body: String, milliseconds: Int64, id: String)] {
        do throws(StorageError) {
            return try await database.read { connection throws(StorageError) in
                try OrderStore.executions(filter, on: connection)
            }
        } catch { throw OrderLedger.unreadable(error) }
    }

    func journal(after number: Int64, limit: Int) async throws(Problem) -> [JournalEntry] {
        let alias = alias
        do throws(StorageError) {
            return try await database.read { connection throws(StorageError) in
                try OrderStore.journal(after: number, accounts: [alias], limit: limit, on: connection)
            }
        } catch { throw OrderLedger.unreadable(error) }
    }

    private static func unreadable(_ error: StorageError) -> Problem {
        Problem(status: 503, code: "storage_unavailable", detail: "\(error)", retryable: true)
    }
}
