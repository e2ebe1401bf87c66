internal import BrokerModel
internal import Bytes
internal import HTTPWire
internal import Storage

/// How a path names an order: by the bridge's id, `broker:<number>` or `client:<name>`.
enum OrderReference: Equatable, Sendable {
    case id(OrderID)
    case broker(String)
    case client(String)

    init(_ text: String) throws(Problem) {
        if let id = OrderID(text) {
            self = .id(id)
        } else if text.hasPrefix("broker:"), text.utf8.count <= 80 {
            self = .broker(String(text.dropFirst(7)))
        } else if text.hasPrefix("client:"), text.utf8.count <= 80 {
            self = .client(String(text.dropFirst(7)))
        } else {
            throw OrderReference.notFound
        }
    }

    static let notFound = Problem(
        status: 404, code: "not_found", detail: "The account has no such order, or the key may not see it.")

    /// `If-Match`: the version the caller has seen.
    static func check(_ expected: Int?, _ order: Order) throws(Problem) {
        guard let expected, expected != order.version else { return }
        throw Problem(
            status: 412, code: "version_mismatch", detail: "The order is at version \(order.version).",
            field: "If-Match")
    }

    /// An amendment fits the order's type, and leaves more than is done.
    static func check(_ change: OrderChange, _ order: Order) throws(Problem) {
        guard !order.status.isFinal else { throw OrderLedger.notChangeable(order) }
        let type = order.brokerType ?? order.request.type
        let figures = type.needs.union(type.mayHave)
        for price in OrderPrice.allCases where change.prices[price] != nil && !figures.contains(price) {
            throw Problem(
                status: 422, code: "invalid_price",
                detail: "A \(order.request.type.rawValue) order has no \(price.rawValue).", field: "/\(price.rawValue)")
        }
        try OrderConditions.check(change.depthLevel, change.triggerCount, isDelayed: change.delay != nil, type)
        if case .replace(let attached) = change.attached { try attached.check(order.request.side) }
        if let quantity = change.quantity, quantity <= order.filledQuantity {
            throw Problem(
                status: 422, code: "invalid_quantity",
                detail: "The quantity is the new total; \(order.filledQuantity) are done already.", field: "/quantity")
        }
    }
}

extension OrderLedger {
    /// The order, if there is one and the key may see it.
    func find(_ reference: OrderReference, for holder: KeyHolder) async throws(Problem) -> Order {
        let found: Order?
        do throws(StorageError) {
            switch reference {
            case .id(let id): found = try await order(id)
            case .broker(let number): found = try await order(brokerOrderID: number)
            case .client(let name): found = try await order(clientOrderID: name)
            }
        } catch {
            throw Problem(status: 503, code: "storage_unavailable", detail: "\(error)", retryable: true)
        }
        guard let found, holder.mayUse(symbol: found.request.symbol) else { throw OrderReference.notFound }
        return found
    }

    private func order(clientOrderID name: String) async throws(StorageError) -> Order? {
        let alias = alias
        let found = try await database.read { connection throws(StorageError) in
            try OrderStore.order(clientOrderID: name, account: alias, on: connection)
        }
        return found.map { known[$0.id] ?? $0 }
    }

    /// Each entry's JSON, oldest first.
    func timeline(_ id: OrderID) async throws(Problem) -> [String] {
        do throws(StorageError) {
            return try await database.read { connection throws(StorageError) in
                try OrderStore.timeline(id, on: connection)
            }
        } catch {
            throw Problem(status: 503, code: "storage_unavailable", detail: "\(error)", retryable: true)
        }
    }
}
