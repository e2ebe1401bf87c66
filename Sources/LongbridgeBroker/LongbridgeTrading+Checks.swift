internal import BrokerModel
internal import BrokerSessions
internal import Clocks

/// What the broker would refuse, said before anybody is asked.
extension LongbridgeTrading {
    /// The remark holds our tag and the caller's note.
    static let remarkLength = 64

    func validate(_ request: OrderRequest) throws(BrokerFailure) {
        let market = request.symbol.market
        guard TradeWords.type(request.type) != nil, TradeWords.isOffered(request.type, in: market) else {
            throw BrokerFailure(
                .notSupported, "The broker takes no \(request.type.rawValue) orders in \(market.rawValue).",
                field: "type")
        }
        guard market == .hongKong || market == .unitedStates else {
            throw BrokerFailure(
                .notSupported, "The broker's interface takes no orders in \(market.rawValue).", field: "symbol")
        }
        if request.side == .sellShort || request.side == .buyToCover, market != .unitedStates {
            throw BrokerFailure(.notSupported, "Short sales are for US securities only.", field: "side")
        }
        if request.outsideRegularHours != nil, market != .unitedStates {
            throw BrokerFailure(
                .invalidRequest, "Hours outside the regular session are for US securities only.",
                field: "outside_regular_hours")
        }
        if request.outsideRegularHours == .optionPreMarket, OptionCode(request.symbol.code) == nil {
            throw BrokerFailure(
                .invalidRequest, "Only options have that session of their own.", field: "outside_regular_hours")
        }
        if request.attached?.outsideRegularHours != nil, market != .unitedStates {
            throw BrokerFailure(
                .invalidRequest, "Hours outside the regular session are for US securities only.",
                field: "attached/outside_regular_hours")
        }
        if let until = request.conditions.delayedUntil {
            let now = WallTime.now()
            guard until > now, until <= now + .seconds(90 * 86_400) else {
                throw BrokerFailure(
                    .invalidRequest, "The broker parks orders until a time that is yet to come, within 90 days.",
                    field: "delayed_until")
            }
        }
        if let note = request.note, note.utf8.count > LongbridgeTrading.remarkLength - 24 {
            throw BrokerFailure(
                .invalidRequest, "The broker keeps \(LongbridgeTrading.remarkLength - 24) bytes of a note.",
                field: "note")
        }
        if settings.environment == .paper { try LongbridgeTrading.validateForPaper(request) }
    }

    /// - Source: Longbridge OpenAPI, "Trade FAQ": what a paper account does not trade.
    nonisolated static func validateForPaper(_ request: OrderRequest) throws(BrokerFailure) {
        if OptionCode(request.symbol.code) != nil {
            throw BrokerFailure(.notSupported, "Paper accounts of this broker trade no options.", field: "symbol")
        }
        if request.attached != nil {
            throw BrokerFailure(
                .notSupported, "Paper accounts of this broker have no attached orders.", field: "attached")
        }
        if request.outsideRegularHours ?? .regular != .regular {
            throw BrokerFailure(
                .notSupported, "Paper accounts of this broker trade in the regular session only.",
                field: "outside_regular_hours")
        }
    }
}
