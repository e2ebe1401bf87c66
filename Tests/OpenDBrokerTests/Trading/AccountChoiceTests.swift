import BrokerModel
import Cryptography
import OpenDWire
import Testing

@testable import OpenDBroker

@Suite struct AccountChoiceTests {
    static func listed(
        _ id: UInt64, _ markets: [Int32], isPaper: Bool = false, firm: Int32? = 1, card: String? = nil,
        _ change: (inout OpenD.TrdCommon.TrdAcc) -> Void = { _ in }
    ) -> OpenD.TrdCommon.TrdAcc {
        var account = OpenD.TrdCommon.TrdAcc()
        account.trdEnv = isPaper ? 0 : 1
        account.accID = id
        account.trdMarketAuthList = markets
        account.accType = 2
        account.cardNum = card
        account.accStatus = 0
        if isPaper { account.simAccType = 1 } else { account.securityFirm = firm }
        change(&account)
        return account
    }

    /// As in the reference's captured list.
    static let login = [
        listed(281_756_478_396_547_854, [1, 2, 4, 113, 123], card: "1001200163530138"),
        listed(3_450_310, [1], isPaper: true), listed(3_450_311, [2], isPaper: true) { $0.simAccType = 4 },
        listed(3_450_312, [3], isPaper: true),
    ]

    private func choose(
        _ settings: OpenDTradeSettings, among listed: [OpenD.TrdCommon.TrdAcc] = login
    ) -> (id: UInt64?, reason: String?) {
        switch AccountChoice(settings, among: listed) {
        case .chosen(let account): (account.id, nil)
        case .undecided(let reason): (nil, reason)
        }
    }

    @Test func theOnlyRealAccountIsTaken() {
        #expect(choose(OpenDTradeSettings()).id == 281_756_478_396_547_854)
    }

    @Test func severalPaperAccountsAreAnErrorThatNamesThem() throws {
        let reason = try #require(choose(OpenDTradeSettings(isPaper: true)).reason)
        #expect(reason.contains("3 accounts"))
        #expect(reason.contains("…0310 (paper Stock; HK)"))
        #expect(reason.contains("…0311 (paper StockAndOption; US)"))
        #expect(!reason.contains("3450310"))
    }

    @Test func aMarketANumberOrAFirmDecides() {
        #expect(choose(OpenDTradeSettings(isPaper: true, market: .unitedStates)).id == 3_450_311)
        #expect(choose(OpenDTradeSettings(isPaper: true, number: "0312")).id == 3_450_312)
        #expect(choose(OpenDTradeSettings(number: "0138")).id == 281_756_478_396_547_854)
        let two = Self.login + [Self.listed(99, [2], firm: 2)]
        #expect(choose(OpenDTradeSettings(), among: two).reason?.contains("real futu_inc; US") == true)
        #expect(choose(OpenDTradeSettings(firm: .futuInc), among: two).id == 99)
    }

    @Test func noAccountThatFitsIsSaid() {
        #expect(choose(OpenDTradeSettings(number: "1111")).reason?.contains("no account of the login fits") == true)
        #expect(choose(OpenDTradeSettings(), among: []).reason?.contains("the login has none") == true)
    }

    @Test func closedAccountsAndThoseOfOtherRolesAreNone() {
        for change: (inout OpenD.TrdCommon.TrdAcc) -> Void in [
            { $0.accStatus = 1 }, { $0.accRole = 2 }, { $0.accRole = 3 },
        ] {
            #expect(choose(OpenDTradeSettings(), among: [Self.listed(1, [1], change)]).id == nil)
        }
        #expect(choose(OpenDTradeSettings(), among: [Self.listed(1, [1]) { $0.accRole = 1 }]).id == 1)
    }

    @Test func futuresAreAskedForInAsManyWords() {
        let accounts = [Self.listed(1, [1, 2]), Self.listed(2, [5])]
        #expect(choose(OpenDTradeSettings(), among: accounts).id == 1)
        var settings = OpenDTradeSettings()
        settings.category = .futures
        #expect(choose(settings, among: accounts).id == 2)
    }

    @Test func aLongListIsCut() throws {
        let many = (0..<20).map { Self.listed(UInt64(1000 + $0), [1]) }
        let reason = try #require(choose(OpenDTradeSettings(), among: many).reason)
        #expect(reason.contains("and 8 more"))
    }

    @Test func totalsAreInTheFirmsCurrency() {
        #expect(TradingAccount(Self.listed(1, [1, 2])).baseCurrency == "HKD")
        #expect(TradingAccount(Self.listed(1, [2], firm: 2)).baseCurrency == "USD")
        #expect(TradingAccount(Self.listed(1, [6], firm: 3)).baseCurrency == "SGD")
        #expect(TradingAccount(Self.listed(1, [2], isPaper: true)).baseCurrency == "USD")
        #expect(TradingAccount(Self.listed(1, [3], isPaper: true)).baseCurrency == "CNH")
    }

    // MARK: The password

    @Test func aPasswordIsKeptAsItsHash() throws {
        let hash = "e10adc3949ba59abbe56e057f20f883e"
        #expect(try #require(TradePassword(Secret("123456"))).hash.matches(Array(hash.utf8)))
        #expect(try #require(TradePassword(hash: Secret(hash.uppercased()))).hash.matches(Array(hash.utf8)))
        #expect(TradePassword(Secret("")) == nil)
        #expect(TradePassword(hash: Secret("123456")) == nil)
        #expect(TradePassword(hash: Secret(String(repeating: "g", count: 32))) == nil)
        #expect(!"\(try #require(TradePassword(Secret("123456"))))".contains("e10a"))
    }
}

@Suite struct TradeLockTests {
    private func expect(_ lock: inout TradeLock, tries: Bool, at location: SourceLocation = #_sourceLocation) {
        let result = lock.connected()
        #expect(result == tries, sourceLocation: location)
    }

    @Test func paperAccountsHaveNoLock() {
        var lock = TradeLock(isPaper: true, hasPassword: true)
        expect(&lock, tries: false)
        lock.foundLocked()
        lock.refused("no")
        #expect(lock.state == .notNeeded)
    }

    @Test func aRefusalEndsAllAttemptsUntilOneSucceeds() {
        var lock = TradeLock(isPaper: false, hasPassword: true)
        expect(&lock, tries: true)
        lock.refused("wrong password")
        #expect(lock.state == .locked("wrong password"))
        expect(&lock, tries: false)
        expect(&lock, tries: false)
        lock.accepted()
        #expect(lock.state == .unlocked)
        expect(&lock, tries: true)
    }

    @Test func eachConnectionUnlocksAnew() {
        var lock = TradeLock(isPaper: false, hasPassword: true)
        _ = lock.connected()
        lock.accepted()
        expect(&lock, tries: true)
        #expect(lock.state == .unknown)
    }

    @Test func whatSomebodyLockedIsNotUnlockedBehindTheirBack() {
        var lock = TradeLock(isPaper: false, hasPassword: true)
        _ = lock.connected()
        lock.accepted()
        lock.foundLocked()
        #expect(lock.state == .locked("trading was locked at the gateway"))
        expect(&lock, tries: false)
    }

    @Test func withoutAPasswordItIsFoundOut() {
        var lock = TradeLock(isPaper: false, hasPassword: false)
        expect(&lock, tries: false)
        #expect(lock.state == .unknown)
        lock.foundLocked()
        #expect(lock.state == .locked("trading is locked at the gateway, and no trade password is configured"))
        lock.foundUnlocked()
        #expect(lock.state == .unlocked)
    }
}
