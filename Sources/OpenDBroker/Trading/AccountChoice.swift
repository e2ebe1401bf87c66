internal import BrokerModel
internal import OpenDWire

/// Which of the accounts behind a login an alias stands for. There must be exactly one that fits; a guess could send an
/// order to the wrong one.
enum AccountChoice: Equatable, Sendable {
    case chosen(TradingAccount)
    /// None or several fit: the configuration has to say more. For people; no whole account number in it.
    case undecided(String)

    init(_ settings: OpenDTradeSettings, among listed: [OpenD.TrdCommon.TrdAcc]) {
        let accounts = listed.map { TradingAccount($0) }
        let fitting = accounts.filter { $0.fits(settings) }
        if let only = fitting.first, fitting.count == 1 {
            self = .chosen(only)
        } else if fitting.isEmpty {
            let others = accounts.isEmpty ? "the login has none" : "the login has \(Self.list(accounts))"
            self = .undecided("no account of the login fits the configuration; \(others)")
        } else {
            self = .undecided(
                "\(fitting.count) accounts of the login fit the configuration: \(Self.list(fitting)). Choose one by "
                    + "opend.account (its last digits), opend.firm or opend.market")
        }
    }

    /// The most that are named.
    private static let shown = 12

    private static func list(_ accounts: [TradingAccount]) -> String {
        let names = accounts.prefix(shown).map(\.text).joined(separator: ", ")
        return accounts.count > shown ? "\(names) and \(accounts.count - shown) more" : names
    }
}

extension TradingAccount {
    fileprivate func fits(_ settings: OpenDTradeSettings) -> Bool {
        guard isPaper == settings.isPaper, isUsable, isFutures == (settings.category == .futures) else { return false }
        if let firm = settings.firm, !isPaper, self.firm != firm.code { return false }
        if let market = settings.market, orderMarket(for: market) == nil { return false }
        if let number = settings.number, !isNumbered(number) { return false }
        return true
    }
}
