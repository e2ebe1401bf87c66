internal import BrokerModel
internal import Bytes
internal import HTTPWire

/// What the market would refuse of an order, said with the nearest value it takes.
struct OrderCheck {
    let instrument: Instrument

    init(_ instrument: Instrument) {
        self.instrument = instrument
    }

    func check(_ request: OrderRequest) throws(Problem) {
        try checkLot(request)
        for price in [OrderPrice.limit, .trigger, .monitor] {
            if let value = request.prices[price] { try checkStep(value, "/\(price.rawValue)") }
        }
        for (purpose, exit) in request.attached?.exits ?? [:] {
            try checkStep(exit.trigger, "/attached/\(purpose.rawValue)/trigger_price")
            if let limit = exit.limit { try checkStep(limit, "/attached/\(purpose.rawValue)/limit_price") }
        }
    }

    private func checkLot(_ request: OrderRequest) throws(Problem) {
        // Odd lots are what is less than a lot; elsewhere than in Hong Kong fractions may be allowed.
        guard request.symbol.market == .hongKong, request.type != .oddLot, let lot = instrument.lotSize, lot > 1 else {
            return
        }
        let lots = DecimalText(lot)
        if let whole = request.quantity.wholeNumber, whole % lot == 0 { return }
        let below = request.quantity.divided(by: lots, scale: 0)?.multiplied(by: lots)
        let nearest = below.map { $0.isZero ? lots : $0 }
        throw Problem(
            status: 422, code: "lot_size", detail: "The quantity must be a multiple of the board lot of \(lot).",
            field: "/quantity", suggestions: nearest.map { [$0.text] } ?? [])
    }

    private func checkStep(_ value: DecimalText, _ field: String) throws(Problem) {
        guard let step = step(at: value) else { return }
        guard let steps = value.divided(by: step, scale: 0), let nearest = steps.multiplied(by: step) else { return }
        guard nearest != value else { return }
        throw Problem(
            status: 422, code: "invalid_price", detail: "Prices move in steps of \(step) there.",
            field: field, suggestions: [nearest.text])
    }

    /// The finest step that may hold at a price; `nil` where none is known for sure, and the broker judges.
    ///
    /// An order that the market would take must not be refused here: Hong Kong has announced half a cent for prices from 0.50
    /// to 10, and the half-cent rule of Regulation NMS names shares one by one.
    private func step(at price: DecimalText) -> DecimalText? {
        if let bands = instrument.priceSteps {
            let band = bands.first { band in band.below.map { price < $0 } ?? true }
            let isHalved = band?.step == DecimalText(units: 1, scale: 2) && price < DecimalText(10)
            return isHalved ? DecimalText(units: 5, scale: 3) : band?.step
        }
        guard instrument.tickSize != nil, instrument.symbol.market == .unitedStates else { return instrument.tickSize }
        return price < DecimalText(1) ? DecimalText(units: 1, scale: 4) : DecimalText(units: 5, scale: 3)
    }
}
