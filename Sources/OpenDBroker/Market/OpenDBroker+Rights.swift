public import BrokerModel
internal import OpenDWire

/// What the account may see.
extension OpenDBroker {
    /// The rights the gateway notified; `nil` until it has.
    public var quotePermissions: QuotePermissions? {
        guard let rights = link.rights else { return nil }
        let table: [(String, Int32?)] = [
            ("hk", rights.hkQotRight), ("us", rights.usQotRight), ("cn", rights.cnQotRight),
            ("hk_option", rights.hkOptionQotRight), ("hk_future", rights.hkFutureQotRight),
            ("us_option", rights.usOptionQotRight), ("sg_stock", rights.sgStockQotRight),
        ]
        let packages = table.compactMap { key, right -> QuotePackage? in
            guard let right, let level = OpenDBroker.level(right) else { return nil }
            var package = QuotePackage(key: key)
            package.name = level
            package.market = String(key.prefix(2)).uppercased()
            return package
        }
        return QuotePermissions(level: nil, packages: packages, historyLimit: nil, subscriptionLimit: ledger.limit)
    }

    /// `QotRight`.
    private static func level(_ right: Int32) -> String? {
        switch right {
        case 1: "BMP"
        case 2: "Level1"
        case 3: "Level2"
        case 4: "SF"
        case 5: "none"
        case 6: "Level3"
        default: nil
        }
    }
}
