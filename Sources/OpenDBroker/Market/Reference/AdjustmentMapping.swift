internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

extension ExDateAdjustment {
    /// `nil` without a day, or with a factor that is no number.
    init?(_ rehab: OpenD.QotCommon.Rehab) {
        guard let day = ExchangeTime.day(rehab.time), let forwardFactor = DecimalText(double: rehab.fwdFactorA),
            let forwardOffset = DecimalText(double: rehab.fwdFactorB),
            let backwardFactor = DecimalText(double: rehab.bwdFactorA),
            let backwardOffset = DecimalText(double: rehab.bwdFactorB)
        else { return nil }
        self.init(
            exDate: day, actions: CorporateAction.actions(rehab), forwardFactor: forwardFactor,
            forwardOffset: forwardOffset, backwardFactor: backwardFactor, backwardOffset: backwardOffset)
    }
}

extension CorporateAction {
    /// What the bits of `companyActFlag` name; the fields of what they do not name mean nothing.
    ///
    /// - Source: Futu OpenAPI, "Get Adjustment Factor": `CompanyAct` and `Rehab`.
    static func actions(_ rehab: OpenD.QotCommon.Rehab) -> [CorporateAction] {
        let all: [(bit: Int64, action: CorporateAction)] = [
            (1, shares(.split, rehab.splitBase, rehab.splitErt)),
            (2, shares(.reverseSplit, rehab.joinBase, rehab.joinErt)),
            (4, shares(.bonus, rehab.bonusBase, rehab.bonusErt)),
            (8, shares(.transfer, rehab.transferBase, rehab.transferErt)),
            (16, shares(.rights, rehab.allotBase, rehab.allotErt, price: rehab.allotPrice)),
            (32, shares(.offering, rehab.addBase, rehab.addErt, price: rehab.addPrice)),
            (64, cash(.dividend, rehab.dividend)),
            (128, cash(.specialDividend, rehab.spDividend)),
            (256, spinOff(rehab)),
        ]
        return all.filter { rehab.companyActFlag & $0.bit != 0 }.map(\.action)
    }

    private static func shares(
        _ kind: CorporateActionKind, _ base: Int32?, _ shares: Int32?, price: Double? = nil
    ) -> CorporateAction {
        var action = CorporateAction(kind)
        action.base = base.map { DecimalText(Int64($0)) }
        action.shares = shares.map { DecimalText(Int64($0)) }
        action.price = price.flatMap { DecimalText(double: $0) }
        return action
    }

    private static func cash(_ kind: CorporateActionKind, _ amount: Double?) -> CorporateAction {
        var action = CorporateAction(kind)
        action.amount = amount.flatMap { DecimalText(double: $0) }
        return action
    }

    private static func spinOff(_ rehab: OpenD.QotCommon.Rehab) -> CorporateAction {
        var action = CorporateAction(.spinOff)
        action.base = rehab.spinOffBase.flatMap { DecimalText(double: $0) }
        action.shares = rehab.spinOffErt.flatMap { DecimalText(double: $0) }
        return action
    }
}
