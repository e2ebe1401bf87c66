internal import BrokerModel
internal import Storage

/// The statements about orders attached to another: whose they are, under the broker's numbers.
enum AttachedOrderStore {
    /// Whose fills those of an order at the broker are.
    struct Owner: Sendable, Equatable {
        /// The order, or the one that it is attached to.
        var order: OrderID
        /// What the attached order is for, or `unknown`; `nil` for an order of its own.
        var attached: String?
    }

    static let unknownPurpose = "unknown"

    static func save(_ order: Order, on connection: SQLConnection) throws(StorageError) {
        for exit in order.attachedOrders {
            try connection.run(
                """
                INSERT INTO attached_orders (account, broker_order_id, order_id, purpose) VALUES (?, ?, ?, ?)
                ON CONFLICT (account, broker_order_id) DO UPDATE SET purpose = excluded.purpose
                    WHERE excluded.purpose <> 'unknown' AND excluded.purpose <> purpose
                """,
                [
                    .text(order.account), .text(exit.brokerOrderID), .text(order.id.text),
                    .text(exit.purpose?.rawValue ?? unknownPurpose),
                ])
        }
    }

    static func owner(
        brokerOrderID: String, account: String, on connection: SQLConnection
    ) throws(StorageError) -> Owner? {
        let row = try connection.run(
            "SELECT order_id, purpose FROM attached_orders WHERE account = ? AND broker_order_id = ?",
            [.text(account), .text(brokerOrderID)]
        ).first
        guard let row, let id = row.text(0).flatMap({ OrderID($0) }) else { return nil }
        return Owner(order: id, attached: row.text(1))
    }
}
