internal import Bytes
internal import Clocks

/// The control path of the gateway: `POST /sandbox/opend` and `GET /sandbox/opend` (docs/sandbox.md).
extension OpenDGateway {
    func bend(_ fields: inout ControlFields) throws(ControlMistake) {
        if try fields.boolean("reset") == true { reset() }
        try bendFaults(&fields)
        try bendTrading(&fields)
        try bendLimits(&fields)
        try bendChoices(&fields)
        if let login = try fields.choice("login", GatewayFaults.Login.self) { self.login = login }
        if let action = try fields.choice("do", GatewayFaults.Once.self) {
            switch action {
            case .drop: dropAll()
            case .close: closeAll()
            case .cut: cutAll(at: try fields.integer("bytes", 0...1_000_000) ?? 20)
            }
        }
    }

    /// A good day again.
    func reset() {
        faults = GatewayFaults()
        limits = GatewayLimits()
        choices = GatewayChoices()
        login = .ready
        match()
    }

    private func bendFaults(_ fields: inout ControlFields) throws(ControlMistake) {
        if let value = try fields.boolean("silent") { faults.isSilent = value }
        if let value = try fields.boolean("lose_pushes") { faults.losesPushes = value }
        if let value = try fields.integer("answer_delay_ms", 0...3_600_000) {
            faults.answerDelay = .milliseconds(value)
        }
        if let value = try fields.integer("drop_after_packets", 0...1_000_000) {
            faults.packetsUntilClose = value == 0 ? nil : value
        }
        if let id = try fields.integer("fail", 0...9999) {
            faults.failures[UInt32(id)] = GatewayFaults.Failure(
                harm: try fields.choice("how", GatewayFaults.Harm.self) ?? .refuse,
                result: Int32(try fields.integer("result", -1000...(-1)) ?? -1),
                message: try fields.text("message") ?? "as asked",
                times: try fields.integer("times", 1...1_000_000))
        }
    }

    private func bendTrading(_ fields: inout ControlFields) throws(ControlMistake) {
        if let value = try fields.integer("lost_percent", 0...100) { faults.lostPercent = value }
        if let value = try fields.integer("doubled_percent", 0...100) { faults.doubledPercent = value }
        if let value = try fields.integer("shuffled_percent", 0...100) { faults.shuffledPercent = value }
        if let value = try fields.integer("confirm_ms", 0...3_600_000) { faults.confirmation = .milliseconds(value) }
        if let value = try fields.integer("hidden_ms", 0...3_600_000) { faults.hiding = .milliseconds(value) }
        if let value = try fields.integer("reject", 0...1_000_000) { faults.rejections = value }
        if let value = try fields.boolean("unlocked") { isUnlocked = value }
        if let value = try fields.boolean("newest_fill_first") { choices.newestFillFirst = value }
        if let value = try fields.boolean("paused") {
            faults.isMatchingPaused = value
            match()
        }
        if let text = try fields.text("order_id") { try bendOrder(text, &fields) }
    }

    /// `fill`, `cancel`, `reject` or `expire`: something happens to an order from outside.
    private func bendOrder(_ text: String, _ fields: inout ControlFields) throws(ControlMistake) {
        guard let index = accounts.firstIndex(where: { $0.order(0, text) != nil }),
            let order = accounts[index].order(0, text)
        else { throw ControlMistake(message: "order_id is not known") }
        let action = try fields.choice("order_do", GatewayFaults.OrderEvent.self) ?? .fill
        let quantity = Int64(try fields.integer("quantity", 1...1_000_000_000) ?? Int(order.remaining))
        let price = try fields.text("price").flatMap { DecimalText($0)?.units(scale: 3) }
        do throws(MatchingEngine.Refusal) {
            switch action {
            case .fill:
                let at = price ?? order.limit ?? order.estimate
                tell(try accounts[index].engine.fill(order.id, quantity, at: at, now: now), index)
            case .cancel: tell(try accounts[index].engine.end(order.id, as: .cancelled, "", at: now), index)
            case .reject: tell(try accounts[index].engine.end(order.id, as: .rejected, "As asked", at: now), index)
            case .expire: tell(try accounts[index].engine.end(order.id, as: .expired, "Expired", at: now), index)
            }
        } catch { throw ControlMistake(message: "cannot: \(error)") }
        flush()
    }

    private func bendLimits(_ fields: inout ControlFields) throws(ControlMistake) {
        let range = 0...1_000_000
        if let value = try fields.integer("subscriptions", range) { limits.subscriptionQuota = value }
        if let value = try fields.integer("history_symbols", range) { limits.historyQuota = value }
        if let value = try fields.integer("connections", range) { limits.connections = value }
        if let value = try fields.integer("minimum_hold_ms", range) { limits.minimumHold = .milliseconds(value) }
        if let value = try fields.integer("keep_alive_s", 1...3600) { limits.keepAliveInterval = .seconds(value) }
        if let value = try fields.integer("keep_alive_deadline_ms", 1...3_600_000) {
            limits.keepAliveDeadline = .milliseconds(value)
        }
        if let value = try fields.boolean("count_requests") { limits.countsRequests = value }
    }

    private func bendChoices(_ fields: inout ControlFields) throws(ControlMistake) {
        typealias Reaction = GatewayChoices.Reaction
        if let value = try fields.choice("before_init", Reaction.self) { choices.beforeInit = value }
        if let value = try fields.choice("wrong_digest", Reaction.self) { choices.wrongDigest = value }
        if let value = try fields.choice("stale_serial", Reaction.self) { choices.staleSerial = value }
        if let value = try fields.boolean("notify_after_init") { choices.notifiesAfterInit = value }
        if let value = try fields.boolean("pushes_first") { choices.pushesFirst = value }
        if let value = try fields.boolean("number_pushes") { choices.numbersPushes = value }
        if let value = try fields.boolean("subscribe_in_part") { choices.subscribesInPart = value }
        if let value = try fields.boolean("unsubscribe_all_or_nothing") { choices.unsubscribesAllOrNothing = value }
        if let value = try fields.boolean("bars_at_start") { choices.datesBarsAtStart = value }
        if let value = try fields.boolean("shuffle_replies") { choices.shufflesReplies = value }
    }

    /// What happened, and what is held.
    func write(to json: inout JSONWriter) {
        json.key("connections")
        json.int(connections.count)
        json.key("connections_made")
        json.int(counters.connections)
        json.key("pushes")
        json.int(counters.pushes)
        json.key("subscribed")
        json.int(subscriptions.used(at: .now()).count)
        json.key("calls")
        json.beginObject()
        for (id, count) in counters.calls.sorted(by: { $0.key < $1.key }) {
            json.key(dynamic: "\(id)")
            json.int(count)
        }
        json.endObject()
    }
}
